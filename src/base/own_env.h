/* SPDX-License-Identifier: Apache-2.0 */
/* Variables of the environment that act on tandem itself, because the host's dynamic linker and C library read them.
 *
 * When a guest program starts another one, which tandem then runs, the guest's values must not act on tandem. So these
 * variables are passed apart: tandem's own as it was started with them, and the guest's under names that begin with
 * OWN_ENV_GUEST. One entry with nothing behind that says that the guest's are apart. */
#ifndef TANDEM_BASE_OWN_ENV_H
#define TANDEM_BASE_OWN_ENV_H

#include "src/base/types.h"

#define OWN_ENV_GUEST "TANDEM_GUEST_ENV_"
#define OWN_ENV_APART OWN_ENV_GUEST "="

TANDEM_BEGIN_DECLS
/* Does the variable of entry ("NAME=VALUE", or its beginning: OWN_ENV_NAME_MAX bytes are enough) act on tandem? */
bool own_env_acts(const char *entry);
/* Are the guest's variables apart in envp? */
bool own_env_is_apart(char *const *envp);
/* Where they are: what the guest has of this entry. NULL: the entry is none of the guest's. */
const char *own_env_guest_entry(const char *entry);
TANDEM_END_DECLS

enum { OWN_ENV_NAME_MAX = 32 };

#endif
