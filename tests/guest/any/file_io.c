/* SPDX-License-Identifier: Apache-2.0 */
/* Files: stdio, descriptors, seeking, directories, mapped files, pipes, stat, rename and errors.
 * not in: tier2 (what it is about is the same in mixed) */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/guest/guest_test.h"

static int by_text(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static void list(void)
{
    char *names[16];
    int n = 0;
    DIR *d = opendir(".");
    for (struct dirent *e; (e = readdir(d)) && n < 16;)
        if (e->d_name[0] != '.')
            names[n++] = strdup(e->d_name);
    closedir(d);
    qsort(names, (size_t)n, sizeof(names[0]), by_text);
    for (int i = 0; i < n; i++)
        printf("%s ", names[i]);
    puts("");
}

static void stdio_file(void)
{
    FILE *f = fopen("text", "w+");
    for (int i = 0; i < 1000; i++)
        fprintf(f, "line %d of the file\n", i);
    fseek(f, -25, SEEK_END);
    char line[80];
    fgets(line, sizeof(line), f);
    fgets(line, sizeof(line), f);
    printf("%ld %s", ftell(f), line);
    rewind(f);
    int c, newlines = 0;
    while ((c = getc(f)) != EOF)
        newlines += c == '\n';
    fclose(f);
    struct stat st;
    stat("text", &st);
    printf("%d lines %ld bytes regular %d mode %o\n", newlines, (long)st.st_size, S_ISREG(st.st_mode),
           st.st_mode & 0700);
}

static void mapped(void)
{
    int fd = open("map", O_RDWR | O_CREAT, 0600);
    require(ftruncate(fd, 10000) == 0, "ftruncate");
    uint8_t *p = mmap(NULL, 10000, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    for (int i = 0; i < 10000; i++)
        p[i] = (uint8_t)(i * 3);
    munmap(p, 10000);
    uint8_t part[16];
    require(pread(fd, part, 16, 5000) == 16, "pread");
    printf("%d %d\n", part[0], part[15]);
    struct iovec parts[2] = {{part, 8}, {part + 8, 4}};
    lseek(fd, 0, SEEK_SET);
    printf("%zd", writev(fd, parts, 2));
    printf(" %zd\n", pwrite(fd, part, 4, 9998));
    printf("%ld\n", (long)lseek(fd, 0, SEEK_END));
    close(fd);
}

int main(void)
{
    char directory[64];
    enter_new_directory(directory);
    umask(022);
    stdio_file();
    mapped();
    require(mkdir("sub", 0700) == 0 && rename("map", "sub/map") == 0 && symlink("text", "link") == 0,
            "mkdir, rename, symlink");
    list();
    char target[20] = {0};
    printf("%zd %s\n", readlink("link", target, sizeof(target)), target);
    printf("%d %d", open("absent", O_RDONLY), errno == ENOENT);
    printf(" %d %d\n", rmdir("sub"), errno == ENOTEMPTY);
    int fd[2];
    require(pipe(fd) == 0, "pipe");
    printf("%zd ", write(fd[1], "through a pipe", 14));
    char text[20] = {0};
    printf("%zd %s\n", read(fd[0], text, sizeof(text)), text);
    unlink("sub/map");
    rmdir("sub");
    unlink("link");
    unlink("text");
    printf("%d\n", chdir("/") || rmdir(directory));
    return 0;
}
