/* SPDX-License-Identifier: Apache-2.0 */
/* Which optional instructions this machine has. */
#ifndef TANDEM_TCG_X86_64_FEATURES_H
#define TANDEM_TCG_X86_64_FEATURES_H

#include "tcg/tcg.h"

uint32_t tcg_detect_features(void); /* enum tcg_feature */

#endif
