/* SPDX-License-Identifier: Apache-2.0 */
/* Reviews of installed regions: those that turn out to be slower than tier 1 are taken out again.
 *
 * What was counted before a region was compiled may have been another phase of the program, or another run of it. So
 * regions that have had some time are tried (trial.h): all new ones at once, since what each of many small ones costs
 * is too little to be measured. If the guest is slower with them, those with the most time are tried one by one. */
#ifndef TANDEM_RUNTIME_ENGINE_REVIEW_H
#define TANDEM_RUNTIME_ENGINE_REVIEW_H

#include "runtime/engine/trial.h"

enum { REVIEW_RECENT = 16 };

struct review {
    struct trial trial;
    struct trial_item recent[REVIEW_RECENT]; /* blocks of tier 1 in which the guest was, newest over oldest */
    unsigned recent_count;
    uint64_t heat, due; /* ns of samples around regions that are not reviewed yet; how much starts a trial */
    double doubt;       /* gains of trials of all at once that could be chance, added up */
    uint64_t elapsed;   /* ns of samples since the trial's window began */
    struct trial_item suspect[TRIAL_REGIONS]; /* those that are tried one by one */
    unsigned suspects, at;                    /* which one is; 0 suspects: all at once */
};

TANDEM_BEGIN_DECLS
/* t had this time before it polled: in code of region or in front of it; or in tier 1's of tb. NULL: it was not.
 * may_begin: no window is open. Inside a section of t; sampler.lock held. */
void review_sample(struct review *r, struct engine_thread *t, struct tb *region, const struct tb *tb, uint64_t time,
                   bool may_begin);
/* Tests (--take-out-one-in): takes the region out at once, if it is one of those. Inside a section, outside of
 * tbs.lock; any thread. */
bool review_fails(struct engine *e, struct tb *region);
TANDEM_END_DECLS

#endif
