// The part of the C library that Swift does not show: how its allocator is set.
#include <malloc.h>
