/* SPDX-License-Identifier: Apache-2.0 */
/* Better Auth as a source of files. */
#ifndef CONNECTORS_BETTERAUTH_BETTERAUTH_H
#define CONNECTORS_BETTERAUTH_BETTERAUTH_H

#include <rehome/connector.h>

enum betterauth_shape {
	BETTERAUTH_SHAPE_USERS = 1, /* the user table, or both tables flat in one */
	BETTERAUTH_SHAPE_ACCOUNTS,  /* passwords and links; several rows a person */
	BETTERAUTH_SHAPE_FACTORS,   /* the twoFactor table */
};

/* betterauth.c */
extern const struct rh_connector rh_connector_betterauth;

/* betterauth_sample.c; contract: struct rh_connector. */
int betterauth_sample(const struct rh_sample_options *options, const struct rh_sample_out *out,
		      struct rh_err *err);
extern const struct rh_sample_trouble betterauth_sample_troubles[];

#endif
