/* SPDX-License-Identifier: Apache-2.0 */
/* Organizations, roles and the like of WorkOS: what their map and their steps share. */
#ifndef CONNECTORS_WORKOS_WORKOS_ENTITIES_H
#define CONNECTORS_WORKOS_WORKOS_ENTITIES_H

#include <rehome/entity.h>

#include "connectors/workos/workos.h"

/* API description (OpenAPI package 0.61.0): characters of a slug or name, of a description. */
#define WORKOS_SLUG_MAX 48
#define WORKOS_DESCRIPTION_MAX 150

/* Indexes of the wire fields; each kind has those that its list names. */
enum workos_role_field { /* permissions have the first three */
			 WORKOS_ROLE_SLUG,
			 WORKOS_ROLE_NAME,
			 WORKOS_ROLE_DESCRIPTION,
			 WORKOS_ROLE_PERMISSIONS,
};

enum workos_organization_field {
	WORKOS_ORGANIZATION_NAME,
	WORKOS_ORGANIZATION_EXTERNAL_ID,
	WORKOS_ORGANIZATION_METADATA,
};

enum workos_membership_field {
	WORKOS_MEMBERSHIP_ROLES,
	WORKOS_MEMBERSHIP_STATE, /* "active" or "inactive" */
};

enum workos_invitation_field {
	WORKOS_INVITATION_EMAIL,
	WORKOS_INVITATION_ROLE,
};

#define WORKOS_DOMAIN_NAME 0U /* the one field of a domain */

/* workos_entities.c */
extern const struct rh_entity_rules workos_entity_rules;

int workos_entity_to_wire(const void *instance, const struct rh_entity *entity,
			  const struct rh_links *links, const struct rh_mapping_policy *policy,
			  unsigned parts, struct rh_arena *arena, struct rh_finding_sink *findings,
			  struct rh_buf *body, struct rh_wire *out, struct rh_err *err);
int workos_entity_observe(const void *instance, enum rh_kind kind, const struct rh_record *record,
			  struct rh_arena *arena, struct rh_observed *out, struct rh_err *err);

/* workos_entity_error.c: DONE with the fate that a readable refusal tells, or FAIL (connector.h, C23).  RH_OK, RH_ENOMEM. */
RH_NODISCARD int workos_entity_refuse(struct rh_operation *operation,
				      const struct rh_json_node *root, int status, bool was_writing,
				      struct rh_answer *answer);

/* ---- workos_entity_steps.c ------------------------------------------------------------------------------------ */

/* Where the objects of a kind are. */
struct workos_collection {
	const char *path; /* NULL: the kind has none */
	bool is_users;    /* below /user_management: with quotas of its own */
	bool is_whole;    /* one page, without an envelope's cursors */
};
const struct workos_collection *workos_collection_of(enum rh_kind kind);
/* SEND to `path`, which draws what the kind's requests draw. */
void workos_entity_send(enum rh_kind kind, struct rh_answer *answer, const char *method,
			struct rh_str path, struct rh_str body);
/* The same to the object of the first row, and `behind` it.  RH_OK or an error. */
RH_NODISCARD int workos_entity_send_object(struct rh_operation *operation, const char *method,
					   const char *behind, struct rh_str body,
					   struct rh_answer *answer);
/* Ends the operation by the object that `node` is, or as unreadable if it is none.  RH_OK or RH_ENOMEM. */
RH_NODISCARD int workos_entity_take(const struct workos *workos, struct rh_operation *operation,
				    const struct rh_json_node *node, bool was_writing,
				    struct rh_answer *answer);

/* The steps; contracts: struct rh_connector */
rh_step_fn workos_entity_list;
rh_step_fn workos_entity_find;
rh_step_fn workos_entity_get;
rh_step_fn workos_entity_create;
rh_step_fn workos_entity_remove;
/* workos_entity_update.c */
rh_step_fn workos_entity_update;

#endif
