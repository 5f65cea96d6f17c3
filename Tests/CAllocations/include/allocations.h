#pragma once

/// How many pieces of memory this thread has asked for so far; always 0 where a sanitizer owns the allocator.
unsigned long allocations_of_this_thread(void);

/// Whether they are counted at all.
_Bool allocations_are_counted(void);
