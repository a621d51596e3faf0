/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asking for what is missing, on a terminal: source, file, target, key; then, behind the plan, for consent.
 *
 *  1. Nobody is asked with --yes, --json or --quiet, nor where standard input or standard error is no terminal.
 *  2. An answer that cannot be right is asked for again; an interrupt ends everything, and nothing is written.
 *  3. A key is not shown, and saved into .env only when that is agreed to: mode 0600, what stands there stays.
 *  4. Consent is the word yes, and where real people are, the tenant's name.
 *  5. At the end stands the command that does the same without questions.
 */
#ifndef CLI_WIZARD_H
#define CLI_WIZARD_H

#include "cli/cli.h"

bool rh_wizard_is_possible(const struct rh_cli *cli);
/* Asks for one missing option, sets it, and notes it as given.  RH_OK, or cli->err. */
RH_NODISCARD int rh_wizard_ask(struct rh_cli *cli, struct rh_str missing);
/* After the plan was shown: shall it be done?  *out is set on RH_OK. */
RH_NODISCARD int rh_wizard_consent(struct rh_cli *cli, bool *out);
/* Rule 5; nothing where nobody was asked. */
void rh_wizard_tell(struct rh_cli *cli);

#endif
