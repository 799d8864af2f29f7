// What Swift cannot import: functions with a variable number of arguments, and GNU's additions to POSIX.
#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>

extern int pipe2(int ends[2], int flags);
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);

// From now on descendants whose parent has ended become children of this process. 0, or -1 where that cannot be.
static inline int leeway_adopt_orphans(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }

// A pipe that no other program inherits. 0, or -1 and errno.
static inline int leeway_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

// Makes a program begin with no descriptor open but 0, 1 and 2.
static inline int leeway_close_others(posix_spawn_file_actions_t *actions) {
  return posix_spawn_file_actions_addclosefrom_np(actions, 3);
}

// A session of its own; as GNU's and musl's headers have it.
static const int leeway_spawn_flags = 0x80;
#else
static inline int leeway_adopt_orphans(void) { return -1; }

static inline int leeway_pipe(int ends[2]) {
  if (pipe(ends) != 0) return -1;
  fcntl(ends[0], F_SETFD, FD_CLOEXEC);
  fcntl(ends[1], F_SETFD, FD_CLOEXEC);
  return 0;
}

static inline int leeway_close_others(posix_spawn_file_actions_t *actions) { return 0; }

static const int leeway_spawn_flags = POSIX_SPAWN_SETSID | POSIX_SPAWN_CLOEXEC_DEFAULT;
#endif
