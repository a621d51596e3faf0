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

#endif
