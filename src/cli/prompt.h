/* SPDX-License-Identifier: Apache-2.0 */
/* Questions on a terminal. */
#ifndef CLI_PROMPT_H
#define CLI_PROMPT_H

#include <rehome/types.h>

struct rh_buf;

/* May somebody be asked?  Both standard input and standard error are terminals. */
bool rh_prompt_is_possible(void);
/* Asks with `question`; the line typed is appended to `out`.  A secret is not shown.  RH_EINTERRUPTED: the
 * answer was an interrupt or the end of input. */
RH_NODISCARD int rh_prompt_ask(const char *question, bool is_secret, struct rh_buf *out,
			       struct rh_err *err);

#endif
