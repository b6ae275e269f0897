/* SPDX-License-Identifier: Apache-2.0 */
/* The guest's environment: the host's, or what a guest has passed on apart from it (own_env.h), as -U and -E change
 * it. */
#include <stdlib.h>
#include <string.h>

#include "src/base/log.h"
#include "src/base/own_env.h"
#include "src/cli/cli.h"

/* Is the variable of entry ("NAME=VALUE") named by one of list ("NAME" or "NAME=...")? */
static bool named_in(const char *entry, const char *const *list)
{
    const size_t len = strcspn(entry, "=");
    for (; list && *list; list++)
        if (strncmp(*list, entry, len) == 0 && ((*list)[len] == 0 || (*list)[len] == '='))
            return true;
    return false;
}

static size_t count_of(const char *const *list)
{
    size_t n = 0;
    while (list && list[n])
        n++;
    return n;
}

const char **cli_guest_environment(const struct options *options, char *const *envp)
{
    const char *const *set = (const char *const *)options->set_env, *const *unset =
                                                                        (const char *const *)options->unset_env;
    const size_t most = count_of((const char *const *)envp) + count_of(set);
    const char **result = malloc((most + 1) * sizeof *result);
    if (!result)
        out_of_memory("the environment");
    const bool apart = own_env_is_apart(envp);
    size_t n = 0;
    for (; *envp; envp++) {
        const char *entry = apart ? own_env_guest_entry(*envp) : *envp;
        if (entry && !named_in(entry, unset) && !named_in(entry, set))
            result[n++] = entry;
    }
    for (; set && *set; set++)
        if (!named_in(*set, set + 1)) /* the last one of a name counts */
            result[n++] = *set;
    result[n] = NULL;
    return result;
}
