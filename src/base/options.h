/* SPDX-License-Identifier: Apache-2.0 */
/* The values of all options, one field a row of options.def. Filled by src/cli, const afterwards. */
#ifndef TANDEM_BASE_OPTIONS_H
#define TANDEM_BASE_OPTIONS_H

#include "src/base/types.h"

#define OPT_TYPE_FLAG bool
#define OPT_TYPE_INT  int64_t
#define OPT_TYPE_STR  const char *

/* Without tiers, the interpreter is all there is. */
#ifdef TANDEM_NO_TIERS
#define OPT_DEFAULT_TIER "interp"
#else
#define OPT_DEFAULT_TIER "mixed"
#endif

struct options {
#define OPT(field, kind, short_name, long_name, env, def, arg, help) OPT_TYPE_##kind field;
#include "src/base/options.def"
#undef OPT
    /* repeatable options */
    const char **set_env;   /* -E NAME=VALUE, NULL-terminated */
    const char **unset_env; /* -U NAME */
};

#endif
