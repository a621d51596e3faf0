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

#endif
