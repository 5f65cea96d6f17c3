#include <stdio.h>
#include <histedit.h>

// Swift cannot call C functions with variable arguments, nor use the standard streams, since it cannot tell whose threads
// use them. The tool has one thread. Each function here does one such thing.

// Of an editor's command, and of what it shows before a line.
typedef unsigned char (*intentctl_command)(EditLine *, int);
typedef char *(*intentctl_prompt)(EditLine *);

static inline EditLine *intentctl_editor(intentctl_prompt prompt) {
    EditLine *editor = el_init("intentctl", stdin, stdout, stderr);
    if (editor == NULL) return NULL;
    el_set(editor, EL_PROMPT, prompt);
    // A signal leaves the terminal as it was.
    el_set(editor, EL_SIGNAL, 1);
    el_set(editor, EL_EDITOR, "emacs");
    return editor;
}

static inline void intentctl_define(EditLine *editor, const char *name, intentctl_command command) {
    el_set(editor, EL_ADDFN, name, name, command);
}

static inline void intentctl_bind(EditLine *editor, const char *keys, const char *name) {
    el_set(editor, EL_BIND, keys, name, NULL);
}

static inline History *intentctl_history(EditLine *editor, int length) {
    HistEvent event;
    History *lines = history_init();
    if (lines == NULL) return NULL;
    history(lines, &event, H_SETSIZE, length);
    el_set(editor, EL_HIST, history, lines);
    return lines;
}

static inline int intentctl_history_do(History *lines, int what, const char *text) {
    HistEvent event;
    return history(lines, &event, what, text);
}

// The next key as a Unicode scalar; -1 at the end of the input.
static inline int intentctl_key(EditLine *editor) {
    wchar_t key;
    return el_wgetc(editor, &key) == 1 ? (int)key : -1;
}
