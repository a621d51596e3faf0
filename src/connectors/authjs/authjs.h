/* SPDX-License-Identifier: Apache-2.0 */
/* Auth.js as a source of files. */
#ifndef CONNECTORS_AUTHJS_AUTHJS_H
#define CONNECTORS_AUTHJS_AUTHJS_H

#include <rehome/connector.h>

enum authjs_shape {
	AUTHJS_SHAPE_USERS = 1,
	AUTHJS_SHAPE_ACCOUNTS, /* links to other providers; several rows a person */
};

/* authjs.c */
extern const struct rh_connector rh_connector_authjs;

/* authjs_sample.c; contract: struct rh_connector. */
int authjs_sample(const struct rh_sample_options *options, const struct rh_sample_out *out,
		  struct rh_err *err);
extern const struct rh_sample_trouble authjs_sample_troubles[];

#endif
