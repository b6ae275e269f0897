/* SPDX-License-Identifier: Apache-2.0 */
/* See cpus.h. */
#define _GNU_SOURCE
#include "src/base/cpus.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH = 1024 };

unsigned cpus_allowed(void)
{
    cpu_set_t set;
    int n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    return n < 1 ? 1 : (unsigned)n;
}

/* The first line of folder/name. */
static bool read_line(const char *folder, const char *name, char *line, size_t size)
{
    char path[PATH + 32];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "re");
    bool ok = f && fgets(line, (int)size, f);
    if (f)
        fclose(f);
    return ok;
}

static unsigned lower(unsigned percent, double quota, double period)
{
    double most = period > 0 ? quota * 100 / period : percent;
    return quota > 0 && most < percent ? (unsigned)most : percent;
}

/* percent, or the group's quota if that is less. */
static unsigned group_percent(const char *folder, unsigned percent)
{
    char line[64], *end;
    if (read_line(folder, "cpu.max", line, sizeof line)) { /* "max 100000": no quota, and strtod reads nothing */
        double quota = strtod(line, &end);
        return lower(percent, quota, strtod(end, NULL));
    }
    if (!read_line(folder, "cpu.cfs_quota_us", line, sizeof line))
        return percent;
    double quota = strtod(line, NULL);
    return read_line(folder, "cpu.cfs_period_us", line, sizeof line) ? lower(percent, quota, strtod(line, NULL))
                                                                     : percent;
}

/* The group at path, and those that it is in, below base. */
static unsigned walk_up(const char *base, const char *path, unsigned percent)
{
    char folder[PATH];
    size_t least = strlen(base);
    snprintf(folder, sizeof folder, "%s%s", base, path);
    for (char *slash = folder + strlen(folder); slash && slash >= folder + least; slash = strrchr(folder, '/')) {
        *slash = 0;
        percent = group_percent(folder, percent);
    }
    return percent;
}

unsigned cpus_percent(const char *root, const char *membership)
{
    unsigned percent = cpus_allowed() * 100;
    char line[PATH], base[PATH];
    FILE *f = fopen(membership, "re");
    while (f && fgets(line, sizeof line, f)) { /* NUMBER:CONTROLLERS:PATH */
        char *controllers = strchr(line, ':'), *path = controllers ? strchr(controllers + 1, ':') : NULL;
        if (!path)
            continue;
        *path++ = 0;
        path[strcspn(path, "\n")] = 0;
        bool v1 = strstr(controllers + 1, "cpu,") == controllers + 1 || strcmp(controllers + 1, "cpu") == 0;
        if (!v1 && controllers[1])
            continue;
        snprintf(base, sizeof base, "%.900s%s%.100s", root, v1 ? "/" : "", v1 ? controllers + 1 : "");
        percent = walk_up(base, path, percent);
    }
    if (f)
        fclose(f);
    return percent < 1 ? 1 : percent;
}
