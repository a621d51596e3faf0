/* SPDX-License-Identifier: Apache-2.0 */
/* accounts --finding: everybody of whom the plan says something, one by one. */
#ifndef CLI_FINDING_LIST_H
#define CLI_FINDING_LIST_H

struct rh_cli;

/* The exit code. */
int rh_finding_list(struct rh_cli *cli);

#endif
