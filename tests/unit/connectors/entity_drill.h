/* SPDX-License-Identifier: Apache-2.0 */
/* Entities of a provider: records mapped, bodies written, operations stepped by hand. */
#ifndef TESTS_CONNECTORS_ENTITY_DRILL_H
#define TESTS_CONNECTORS_ENTITY_DRILL_H

#include <rehome/entity.h>

#include "base/arena.h"
#include "base/json.h"
#include "found.h"

#define EVERY_PART 0xffffU

struct entity_drill {
	const struct rh_connector *connector;
	const void *instance;
	struct rh_arena arena;
	struct rh_json json;
	struct rh_mapping_policy policy;
	struct rh_entity entity;
	struct rh_links links;
	struct rh_row row;
	struct rh_operation operation;
	struct rh_answer answer;
	char *body; /* of the last response */
	struct found found;
};

void entity_init(struct entity_drill *drill, const struct rh_connector *connector,
		 const void *instance);
void entity_done(struct entity_drill *drill);

/* Reads a record of the kind into drill->entity; findings into drill->found. */
void entity_read(struct entity_drill *drill, enum rh_kind kind, const char *record);
/* The body and the wire fields ("name=value", one a line, in their order) of drill->entity with drill->links. */
void expect_body(struct entity_drill *drill, unsigned parts, const char *body, const char *fields);
/* The wire fields that are seen in a record of the target. */
void expect_seen(struct entity_drill *drill, enum rh_kind kind, const char *record,
		 const char *target_id, const char *fields);

/* Starts an operation on drill->row, which has drill->entity and drill->links, and expects a request; `body` NULL: none. */
void entity_start(struct entity_drill *drill, enum rh_kind kind, enum rh_verb verb,
		  const char *method, const char *path, const char *body);
/* Answers, and expects another request. */
void entity_feed_on(struct entity_drill *drill, int status, const char *text, const char *method,
		    const char *path, const char *body);
/* Answers, and expects the end with this fate. */
void entity_feed_end(struct entity_drill *drill, int status, const char *text,
		     enum rh_outcome outcome);
/* Answers, and expects that the operation fails as a whole. */
void entity_feed_fail(struct entity_drill *drill, int status, const char *text,
		      enum rh_outcome outcome, enum rh_scope scope);
/* Answers, expects OBSERVED (connector.h, C13), goes on, and expects a request. */
void entity_feed_observed(struct entity_drill *drill, int status, const char *text,
			  const char *method, const char *path, const char *body);

#endif
