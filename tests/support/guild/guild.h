/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Guild: Acme, with a tenant beside its people.  The API: objects of each kind under /v1/e/<kind>, created by POST,
 * listed ten a page, completed by PUT, removed by DELETE, found by ?find=<key>; the key of an object is what is unique
 * of it (entity.h).  Records at the source have the same form.
 */
#ifndef SUPPORT_GUILD_H
#define SUPPORT_GUILD_H

#include <sys/types.h>

#include <jansson.h>

#include <rehome/entity.h>

#include "acme/acme.h"

struct guild_server {
	struct acme_server acme; /* people */
	json_t *objects;         /* array; each with "kind", "key", "id" */
	json_t *index;           /* of the same, by kind and key, and by kind and id */
	unsigned last_id;
	/* what a test may ask for */
	unsigned denied; /* kinds, as bits: 403 */
	bool holds_one_role;
	bool refuses_descriptions;
	/* seen */
	unsigned created;
	unsigned removed;
};

/* A copy of Acme that knows entities; the same each time, but for what it says of mail and roles. */
const struct rh_connector *guild_connector(void);
void guild_connector_says(unsigned mails, unsigned roles_max);

void guild_server_init(struct guild_server *server);
void guild_server_done(struct guild_server *server);
/* For scripted_transport.h; context: the server. */
void guild_server_play(void *context, const struct rh_request *request, struct rh_str key,
		       rh_time now, struct scripted_answer *answer);
/* Objects of a kind; NULL: of all. */
size_t guild_server_count(const struct guild_server *server, const char *kind);
/* The object with this key; NULL: none. */
json_t *guild_server_find(const struct guild_server *server, const char *kind, const char *key);
/* One that is there already. */
void guild_server_add(struct guild_server *server, const char *kind, const char *key,
		      json_t *object);

void guild_server_remove(struct guild_server *server, json_t *object);
/* guild_apart.c: the same in a process of its own. */
struct guild_apart {
	pid_t pid;
	int fd;
};
void guild_apart_start(struct guild_apart *apart);
void guild_apart_stop(struct guild_apart *apart);
/* As guild_server_play; context: struct guild_apart. */
void guild_apart_play(void *context, const struct rh_request *request, struct rh_str key,
		      rh_time now, struct scripted_answer *answer);
/* Objects of a kind there, or accounts ("user"). */
size_t guild_apart_count(const struct guild_apart *apart, const char *kind);

#endif
