/* SPDX-License-Identifier: Apache-2.0 */
/* What the actions of `rehome password` work on. */
#ifndef CLI_PASSWORD_SUBJECT_H
#define CLI_PASSWORD_SUBJECT_H

#include "cli/cli.h"
#include "cli/password_try.h"

/* Longer than any hash, and than any form of one. */
#define RH_PASSWORD_TEXT_MAX (64U * 1024)

struct rh_password_subject {
	struct rh_str text;
	struct rh_hash_facts facts;
	struct rh_readings readings;
};

/* How one target takes a credential. */
struct rh_password_taking {
	enum rh_finding_code finding; /* 0: it takes it, and says so */
	bool takes;
	bool is_as_is;
};

/* The hash that was given, and its readings; `variants`: the usual mistakes, too.  RH_OK, or an error in cli->err. */
RH_NODISCARD int rh_password_subject(struct rh_cli *cli, struct rh_password_subject *out,
				     bool variants);
/* The reading that the program takes by itself, or that the options ask for; NULL: none. */
const struct rh_reading *rh_password_chosen(const struct rh_password_subject *subject);
/* Why there is none, as a constant text. */
const char *rh_password_wrong(const struct rh_password_subject *subject, struct rh_arena *arena);
/* What a target says to it, with the options of the command line; `body` gets the members of its request. */
RH_NODISCARD int rh_password_ask(struct rh_cli *cli, const struct rh_connector *connector,
				 const struct rh_credential *cred, struct rh_str raw,
				 struct rh_password_taking *out, struct rh_buf *body);

#endif
