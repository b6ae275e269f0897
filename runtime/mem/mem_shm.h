/* SPDX-License-Identifier: Apache-2.0 */
/* shmat and shmdt as the guest sees them. Each returns a result >= 0 or -errno. */
#ifndef TANDEM_RUNTIME_MEM_MEM_SHM_H
#define TANDEM_RUNTIME_MEM_MEM_SHM_H

#include "runtime/mem/mem_types.h"

TANDEM_BEGIN_DECLS
long mem_shmat(struct guest_mem *mem, int shmid, gaddr_t addr, int shmflg);
long mem_shmdt(struct guest_mem *mem, gaddr_t addr);
TANDEM_END_DECLS

#endif
