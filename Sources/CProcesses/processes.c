#define _GNU_SOURCE
#include "CProcesses.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// The soft limit of open files before it was raised; 0 where it was not.
static rlim_t original_files;

void linux_raise_file_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    original_files = limit.rlim_cur;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

// Everything here is async-signal-safe, and writes only to `failure` and the stack: the parent's memory is shared.
static void become(const struct linux_program *program, pid_t parent, volatile int *failure) {
    setpgid(0, 0);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent) goto failed;
    if (dup2(program->input, 0) < 0 || dup2(program->output, 1) < 0 || dup2(program->error, 2) < 0) goto failed;
    // What an editor left open when it started us is not for our children either.
    syscall(SYS_close_range, 3u, UINT_MAX, 0u);
    if (program->folder != NULL && chdir(program->folder) != 0) goto failed;
    if (original_files != 0) {
        struct rlimit limit;
        if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
            limit.rlim_cur = original_files;
            setrlimit(RLIMIT_NOFILE, &limit);
        }
    }
    // Ignored signals stay ignored across an exec, and so does the mask.
    struct sigaction standard = {.sa_handler = SIG_DFL};
    static const int signals[] = {SIGPIPE, SIGCHLD, SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGXFSZ};
    for (unsigned i = 0; i < sizeof signals / sizeof *signals; i++) sigaction(signals[i], &standard, NULL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execve(program->path, program->arguments, program->environment);
failed:
    *failure = errno != 0 ? errno : ESRCH;
    _exit(127);
}

pid_t linux_spawn(const struct linux_program *program) {
    volatile int failure = 0;
    pid_t parent = getpid();
    // A signal handler of ours must not run in the child, in our memory.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    errno = 0;
    // Forking would copy the page tables of a host with much in memory, for a child that needs none of it.
    pid_t child = vfork();
    if (child == 0) become(program, parent, &failure);
    int number = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (child > 0 && failure != 0) {
        waitpid(child, NULL, 0);
        number = failure;
        child = -1;
    }
    errno = number;
    return child;
}

int linux_process_descriptor(pid_t process) { return (int)syscall(SYS_pidfd_open, process, 0); }

int linux_pipe(int ends[2], int ours) {
    if (pipe2(ends, O_CLOEXEC) != 0) return -1;
    for (int i = 0; i < 2; i++) {
        if (ends[i] > 2) continue;
        int moved = fcntl(ends[i], F_DUPFD_CLOEXEC, 3);
        int number = errno;
        close(ends[i]);
        ends[i] = moved;
        if (moved < 0) {
            close(ends[1 - i]);
            errno = number;
            return -1;
        }
    }
    // Of one end's description alone: the other, the program's, blocks as programs expect.
    fcntl(ends[ours], F_SETFL, fcntl(ends[ours], F_GETFL) | O_NONBLOCK);
    return 0;
}

int linux_wake_descriptor(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

const char *linux_signal_name(int number) { return sigabbrev_np(number); }
