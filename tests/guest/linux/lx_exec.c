/* SPDX-License-Identifier: Apache-2.0 */
/* execve: errors that come back to the caller, scripts, execveat, and what the new program finds out about itself.
 * reference: none (qemu's guests start other guests only where the host's kernel is told of them)
 * emulated: none (tandem executes itself, which qemu does only where binfmt_misc is set up)
 * not in: interp warm cached cache1m fail3 regs precise (many processes, each with an optimizer to wait for)
 * build: -D_GNU_SOURCE */
#include <dirent.h>
#include <elf.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/guest/linux/linux_test.h"

enum { CUT_AT = 20, LONG_NAME = 300, LONG_ARG = 200000, LINES = 6 };

#define UNNAMED "unnamed"

extern char **environ;
static char dir[PATH_MAX], self[PATH_MAX];

/* ---- the new program ---- */

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static void show_descriptors(void)
{
    DIR *d = opendir("/proc/self/fd");
    printf("  descriptors:");
    for (struct dirent *e; d && (e = readdir(d));) {
        if (*e->d_name != '.' && atoi(e->d_name) != dirfd(d))
            printf(" %s", e->d_name);
    }
    closedir(d);
    printf("\n");
}

static void show_program(int argc, char **argv)
{
    char exe[PATH_MAX] = "", comm[32] = "", name[32] = "";
    printf("  arguments:");
    for (int i = 0; i < argc; i++)
        printf(" %s", last_part(argv[i]));
    ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
    prctl(PR_GET_NAME, name);
    int fd = open("/proc/self/comm", O_RDONLY);
    ssize_t len = read(fd, comm, sizeof comm - 1);
    close(fd);
    const int same = len > 0 && !strncmp(comm, name, (size_t)len - 1);
    if (!strcmp(argv[0], UNNAMED)) /* kernels before 6.14 have the descriptor's number */
        strcpy(name, "of a descriptor");
    printf("\n  exe %s, name %s, the same in comm: %d\n", n > 0 ? last_part(exe) : "none", name, same);
    printf("  executed as %s\n", last_part((const char *)getauxval(AT_EXECFN)));
    show_descriptors();
}

/* ---- files ---- */

static const char *in_dir(const char *name)
{
    static char path[2][PATH_MAX + 64];
    static int turn;
    turn = !turn;
    snprintf(path[turn], sizeof path[turn], "%s/%s", dir, name);
    return path[turn];
}

static void make_file(const char *name, const void *data, size_t size, int mode)
{
    int fd = open(in_dir(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    require(fd >= 0 && write(fd, data, size) == (ssize_t)size, name);
    fchmod(fd, (mode_t)mode);
    close(fd);
}

static void make_script(const char *name, const char *line) { make_file(name, line, strlen(line), 0755); }

/* A script whose interpreter is a file of the directory. */
static void make_script_of(const char *name, const char *interp, const char *rest)
{
    char line[PATH_MAX + 128];
    snprintf(line, sizeof line, "#!%s%s", in_dir(interp), rest);
    make_script(name, line);
}

/* A program of this machine with a dynamic linker, as small as it can be. */
struct small {
    ElfW(Ehdr) header;
    ElfW(Phdr) segment[2];
    char interp[PATH_MAX];
};

static struct small small_program(const char *interp)
{
    struct small s = {0};
    int fd = open(self, O_RDONLY);
    require(read(fd, &s.header, sizeof s.header) == sizeof s.header, "own header");
    close(fd);
    s.header.e_phoff = offsetof(struct small, segment);
    s.header.e_phnum = 2;
    s.header.e_shnum = s.header.e_shoff = 0;
    s.header.e_entry = 0x10000;
    snprintf(s.interp, sizeof s.interp, "%s", interp);
    s.segment[0].p_type = PT_INTERP;
    s.segment[0].p_offset = offsetof(struct small, interp);
    s.segment[0].p_filesz = strlen(interp) + 1;
    s.segment[1].p_type = PT_LOAD;
    s.segment[1].p_flags = PF_R | PF_X;
    s.segment[1].p_vaddr = 0x10000;
    s.segment[1].p_filesz = s.segment[1].p_memsz = sizeof s;
    s.segment[1].p_align = 0x1000;
    return s;
}

static long try(const char *name)
{
    char *argv[] = {(char *)name, "shown", NULL};
    return execve(in_dir(name), argv, environ);
}

static long try_small(const struct small *s)
{
    make_file("small", s, sizeof *s, 0755);
    return try("small");
}

/* ---- errors ---- */

static void test_files(void)
{
    char name[LONG_NAME];
    make_file("empty", "", 0, 0755);
    make_file("text", "echo this is no program, and the kernel does not know it: a shell would run it\n", 79, 0755);
    make_file("plain", "#!/bin/sh\n", 10, 0644);
    SHOW(symlink("loop", in_dir("loop")));
    SHOW(mkfifo(in_dir("fifo"), 0755));
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = 0;
    SHOW(try("empty"));
    SHOW(try("text"));
    SHOW(try("plain"));
    SHOW(try("none"));
    SHOW(try("text/none"));
    SHOW(try("loop"));
    SHOW(try("fifo"));
    SHOW(try("."));
    SHOW(try(name));
    SHOW(execl("", "", NULL));
    SHOW(execl("/dev/null", "null", NULL));
    SHOW(execl("/proc/self/status", "status", NULL));
}

static void test_busy(void)
{
    struct small s = small_program("/nowhere/none.so");
    make_file("busy", &s, sizeof s, 0755);
    int fd = open(in_dir("busy"), O_WRONLY);
    SHOW(try("busy"));
    close(fd);
    SHOW(try("busy"));
    make_script_of("of_busy", "busy", "\n");
    fd = open(in_dir("busy"), O_WRONLY);
    SHOW(try("of_busy"));
    close(fd);
    make_script("script", "#!/nowhere/sh\n");
    fd = open(in_dir("script"), O_WRONLY);
    SHOW(try("script"));
    close(fd);
}

static void test_headers(void)
{
    struct small s = small_program("/nowhere/none.so"), good = s;
    make_file("cut", &s, CUT_AT, 0755);
    SHOW(try("cut"));
    s.header.e_machine = 0x1234;
    SHOW(try_small(&s));
    s = good;
    s.header.e_type = ET_REL;
    SHOW(try_small(&s));
    s = good;
    s.header.e_phnum = 0;
    SHOW(try_small(&s));
    s = good;
    s.header.e_phentsize = 1;
    SHOW(try_small(&s));
    s = good;
    s.header.e_phoff = sizeof s;
    SHOW(try_small(&s));
}

static void test_linkers(void)
{
    struct small s = small_program("/nowhere/none.so"), other = s;
    SHOW(try_small(&s));
    s.segment[0].p_filesz = 1;
    SHOW(try_small(&s));
    s.segment[0].p_filesz = 4;
    SHOW(try_small(&s));
    s.segment[0].p_filesz = PATH_MAX + 1;
    SHOW(try_small(&s));
    s = small_program("/nowhere/none.so");
    s.segment[0].p_offset = 1 << 20;
    SHOW(try_small(&s));
    s = small_program(in_dir("empty"));
    SHOW(try_small(&s));
    s = small_program(in_dir("text"));
    SHOW(try_small(&s));
    s = small_program(in_dir("plain"));
    SHOW(try_small(&s));
    s = small_program(dir);
    SHOW(try_small(&s));
    s = small_program(in_dir("other"));
    other.header.e_machine = 0x1234;
    make_file("other", &other, sizeof other, 0755);
    SHOW(try_small(&s));
    other = small_program("");
    other.header.e_phentsize = 1;
    make_file("other", &other, sizeof other, 0755);
    SHOW(try_small(&s));
}

static void test_scripts(void)
{
    char line[LONG_NAME + 8] = "#!/";
    make_script("script", "#! \t \n/bin/sh\n");
    SHOW(try("script"));
    make_script("script", "#!/nowhere/sh -e\n");
    SHOW(try("script"));
    make_script_of("script", "plain", "\n");
    SHOW(try("script"));
    make_script_of("script", "text", " x\n");
    SHOW(try("script"));
    make_script_of("script", ".", "\n");
    SHOW(try("script"));
    make_script_of("script", "script", "\n");
    SHOW(try("script"));
    memset(line + 3, 'x', LONG_NAME);
    make_script("script", line);
    SHOW(try("script"));
}

static void test_at(void)
{
    char *argv[] = {"at", NULL};
    int fd = open(self, O_RDONLY | O_CLOEXEC), at = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    SHOW(symlink(self, in_dir("link")));
    make_script_of("script", "link", "\n");
    int script = open(in_dir("script"), O_RDONLY | O_CLOEXEC);
    SHOW(execveat(at, "link", argv, environ, AT_SYMLINK_NOFOLLOW));
    SHOW(execveat(at, "none", argv, environ, 0));
    SHOW(execveat(at, "", argv, environ, 0));
    SHOW(execveat(at, "", argv, environ, AT_EMPTY_PATH));
    SHOW(execveat(fd, "none", argv, environ, 0));
    SHOW(execveat(999, "none", argv, environ, 0));
    SHOW(execveat(999, "", argv, environ, AT_EMPTY_PATH));
    SHOW(execveat(at, "link", argv, environ, AT_SYMLINK_FOLLOW));
    SHOW(execveat(script, "", argv, environ, AT_EMPTY_PATH));
    close(script);
    close(at);
    close(fd);
}

static void test_arguments(void)
{
    char *long_arg = malloc(LONG_ARG);
    memset(long_arg, 'x', LONG_ARG - 1);
    long_arg[LONG_ARG - 1] = 0;
    char *argv[] = {"arguments", long_arg, NULL};
    SHOW(execve(self, argv, environ));
    SHOW(execve(self, environ, argv));
    SHOW(syscall(SYS_execve, self, 1L, environ));
    SHOW(syscall(SYS_execve, self, environ, 1L));
    SHOW(syscall(SYS_execve, 1L, environ, environ));
    free(long_arg);
}

/* ---- programs that run ---- */

enum how { BY_NAME, BY_LINK, BY_DESCRIPTOR, BY_OPEN_DESCRIPTOR, RELATIVE };

static void start(const char *name, enum how how)
{
    char *argv[] = {how == BY_DESCRIPTOR || how == BY_OPEN_DESCRIPTOR ? UNNAMED : "given", "shown", "last", NULL};
    int at = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int fd = open(in_dir(name), O_RDONLY | (how == BY_OPEN_DESCRIPTOR ? 0 : O_CLOEXEC));
    if (how == BY_NAME || how == BY_LINK)
        execve(in_dir(name), argv, environ);
    else if (how == RELATIVE)
        execveat(at, name, argv, environ, 0);
    else
        execveat(fd, "", argv, environ, AT_EMPTY_PATH);
}

static void run(const char *name, enum how how)
{
    int status;
    printf("%s, %d\n", name, how);
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        start(name, how);
        printf("  not run: %s\n", strerrorname_np(errno));
        fflush(stdout);
        _exit(1);
    }
    require(waitpid(pid, &status, 0) == pid, "waitpid");
    if (WIFSIGNALED(status) || WEXITSTATUS(status))
        printf("  %s %d\n", WIFSIGNALED(status) ? "signal" : "status",
               WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}

static void test_runs(void)
{
    struct small s = small_program("");
    make_script_of("script", "link", " \t two words \t\nmore");
    make_script_of("outer", "script", "");
    run("link", BY_NAME);
    run("link", BY_DESCRIPTOR);
    run("link", BY_OPEN_DESCRIPTOR);
    run("link", RELATIVE);
    run("script", BY_NAME);
    run("outer", BY_NAME);
    run("script", RELATIVE);
    for (int i = 1; i < LINES; i++) {
        char name[16], of[16];
        snprintf(name, sizeof name, "line%d", i);
        snprintf(of, sizeof of, i == 1 ? "link" : "line%d", i - 1);
        make_script_of(name, of, "\n");
    }
    run("line5", BY_NAME);
    make_script_of("line6", "line5", "\n");
    SHOW(try("line6"));
    s.segment[0].p_type = PT_NULL; /* errors that the kernel finds when the old program is gone */
    s.segment[1].p_memsz = s.segment[1].p_filesz / 2;
    make_file("small", &s, sizeof s, 0755);
    run("small", BY_NAME);
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        show_program(argc, argv);
        return 0;
    }
    const struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    close_range(3, ~0u, 0);
    require(readlink("/proc/self/exe", self, sizeof self - 1) > 0, "own name");
    make_new_directory(dir);
    test_files();
    test_busy();
    test_headers();
    test_linkers();
    test_scripts();
    test_at();
    test_arguments();
    test_runs();
    static const char *const files[] = {"empty",  "text",  "plain", "loop",  "fifo", "busy",  "of_busy",
                                        "script", "cut",   "small", "other", "link", "outer", "line1",
                                        "line2",  "line3", "line4", "line5", "line6"};
    for (unsigned i = 0; i < sizeof files / sizeof *files; i++)
        unlink(in_dir(files[i]));
    SHOW(rmdir(dir));
    return 0;
}
