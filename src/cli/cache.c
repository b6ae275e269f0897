/* SPDX-License-Identifier: Apache-2.0 */
/* The cache on disk as the command line sees it: whether there is one, what is in it, and emptying it. */
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/stat.h>

#include "runtime/store/folder.h"
#include "src/base/log.h"
#include "src/cli/cli.h"

/* Does somebody else's right come with this program? Its code is not taken from a folder of the user's, then. */
static bool changes_rights(const char *program, int fd)
{
    struct stat st;
    if (getauxval(AT_SECURE))
        return true;
    if ((fd >= 0 ? fstat(fd, &st) : stat(program, &st)) != 0)
        return false;
    return st.st_mode & (S_ISUID | S_ISGID);
}

char *cli_cache_root(const struct options *options, const char *program, int fd)
{
    return options->cache && !changes_rights(program, fd) ? store_root_path(options->cache_dir) : NULL;
}

/* Its path, after a message if there is none. */
static char *named_root(const struct options *options)
{
    char *root = store_root_path(options->cache_dir);
    if (!root)
        message("there is no folder for the cache: neither --cache-dir nor XDG_CACHE_HOME nor HOME names one");
    return root;
}

int cli_cache_stat(const struct options *options)
{
    struct store_sums sums;
    const char *why;
    char *root = named_root(options);
    if (!root)
        return EXIT_FAILURE;
    bool known = store_sum(root, &sums, &why);
    if (!known && why)
        message("%s %s", root, why);
    else
        printf("%s: %llu regions and pieces of tier-1 code of %llu files, %llu bytes, made by %llu combinations of "
               "build, options and host\n",
               root, (unsigned long long)sums.entries, (unsigned long long)sums.files, (unsigned long long)sums.bytes,
               (unsigned long long)sums.folders);
    free(root);
    return (known || !why) && fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int cli_cache_clear(const struct options *options)
{
    char *root = named_root(options);
    if (!root)
        return EXIT_FAILURE;
    printf("%s: %llu bytes removed\n", root, (unsigned long long)store_evict(root, 0));
    free(root);
    return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
