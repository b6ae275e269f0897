/* SPDX-License-Identifier: Apache-2.0 */
/* Which variables act on tandem: ld.so(8), and those of the C library that ld.so removes for set-user-id programs. */
#include "src/base/own_env.h"

#include <string.h>

static bool begins(const char *text, const char *with) { return strncmp(text, with, strlen(with)) == 0; }

bool own_env_acts(const char *entry)
{
    static const char *const names[] = {
        "LD_",      "MALLOC_",   "GLIBC_TUNABLES=", "GCONV_PATH=",       "GETCONF_DIR=", "HOSTALIASES=", "LOCALDOMAIN=",
        "LOCPATH=", "NIS_PATH=", "NLSPATH=",        "RESOLV_HOST_CONF=", "RES_OPTIONS=", "TZDIR="};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (begins(entry, names[i]))
            return true;
    }
    return false;
}

bool own_env_is_apart(char *const *envp)
{
    for (; *envp; envp++) {
        if (begins(*envp, OWN_ENV_APART))
            return true;
    }
    return false;
}

const char *own_env_guest_entry(const char *entry)
{
    if (begins(entry, OWN_ENV_GUEST))
        return begins(entry, OWN_ENV_APART) ? NULL : entry + strlen(OWN_ENV_GUEST);
    return own_env_acts(entry) ? NULL : entry;
}
