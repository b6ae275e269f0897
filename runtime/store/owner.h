/* SPDX-License-Identifier: Apache-2.0 */
/* What every descriptor of the cache goes through. */
#ifndef TANDEM_RUNTIME_STORE_OWNER_H
#define TANDEM_RUNTIME_STORE_OWNER_H

#include "src/base/types.h"

TANDEM_BEGIN_DECLS
/* Why what fd is open on is not to be used, in words; NULL: it is of this type (S_IFREG, S_IFDIR) and the user's own,
 * and nobody else may write to it. */
const char *store_not_ours(int fd, unsigned type);
/* The same open file under a number that no program expects to be its own. fd itself if there is none left. */
int store_high_fd(int fd);
TANDEM_END_DECLS

#endif
