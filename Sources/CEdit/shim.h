#include <stdio.h>
#include <editline/readline.h>

// Swift does not let anybody use a library's global variables, since it cannot tell whose threads read them. The tool
// has one thread.
static inline void intentctl_complete_with(rl_completion_func_t *function) {
    rl_attempted_completion_function = function;
}

static inline const char *intentctl_line(void) { return rl_line_buffer; }

// Names of files do not stand in for what we know no completion for.
static inline void intentctl_complete_nothing_else(void) { rl_attempted_completion_over = 1; }
