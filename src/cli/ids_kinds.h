/* SPDX-License-Identifier: Apache-2.0 */
/* rehome ids --kind. */
#ifndef CLI_IDS_KINDS_H
#define CLI_IDS_KINDS_H

#include "cli/cli.h"

/* Lists the kind that cli->values names, in its format; not SQL. */
int rh_ids_of_kind(struct rh_cli *cli, struct rh_err *err);

#endif
