// The caller says where an entry comes from: without this sd_journal_sendv is a macro, which Swift cannot call.
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>
