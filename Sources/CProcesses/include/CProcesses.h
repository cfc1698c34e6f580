// Starting programs, and seeing to it that none outlives its host: what must happen between fork and exec, where Swift
// code can't run.
#ifndef PARLEY_CPROCESSES_H
#define PARLEY_CPROCESSES_H

#include <sys/types.h>

// Lifts the soft limit of open files to the hard one. What linux_spawn starts has the one from before.
void linux_raise_file_limit(void);

struct linux_program {
    // An absolute path, or one that counts from this process's folder.
    const char *path;
    char *const *arguments;
    char *const *environment;
    // Where it runs; NULL for this process's folder.
    const char *folder;
    // What become its descriptors 0, 1 and 2: over 2 here.
    int input, output, error;
};

// Starts a program in a process group of its own, without any other descriptor of ours. It dies with the thread that
// calls this, or with the whole process (prctl(2), PR_SET_PDEATHSIG). -1 with errno where it can't be started.
pid_t linux_spawn(const struct linux_program *program);

// Starts a process that does nothing but wait for the end of this one, and then kills the process groups that were
// noted. The parent-death signal reaches only a group's leader; this reaches what that started. Answers with a
// descriptor for linux_note_group, whose closing ends it, or -1 with errno.
int linux_start_guard(pid_t *guard);

// Has the guard note a group, or forget it (a negative number).
void linux_note_group(int guard, pid_t group);

// pidfd_open(2): readable when the process has ended.
int linux_process_descriptor(pid_t process);

// Two ends of a pipe, both over 2, close-on-exec, ours not blocking. `ours` is 0 for the end that reads, 1 for the one
// that writes. 0, or -1 with errno.
int linux_pipe(int ends[2], int ours);

// eventfd(2), not blocking, close-on-exec.
int linux_wake_descriptor(void);

// sigabbrev_np(3): "SEGV"; NULL where the number is no signal's.
const char *linux_signal_name(int number);

#endif
