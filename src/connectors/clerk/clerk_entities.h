/* SPDX-License-Identifier: Apache-2.0 */
/* Organizations, roles and the like of Clerk: what their map and their steps share. */
#ifndef CONNECTORS_CLERK_CLERK_ENTITIES_H
#define CONNECTORS_CLERK_CLERK_ENTITIES_H

#include <rehome/entity.h>

#include "connectors/clerk/clerk_target.h"

/* Indexes of the wire fields; each kind has those that its list names. */
enum clerk_role_field { /* permissions have the first three */
			CLERK_ROLE_KEY,
			CLERK_ROLE_NAME,
			CLERK_ROLE_DESCRIPTION,
			CLERK_ROLE_PERMISSIONS,
};

enum clerk_organization_field {
	CLERK_ORGANIZATION_NAME,
	CLERK_ORGANIZATION_SLUG,
	CLERK_ORGANIZATION_EXTERNAL_ID, /* kept in private metadata: Clerk has no such field */
	CLERK_ORGANIZATION_PUBLIC,
	CLERK_ORGANIZATION_PRIVATE,
	CLERK_ORGANIZATION_MEMBERS_MAX,
	CLERK_ORGANIZATION_CREATED_AT, /* milliseconds */
};

enum clerk_membership_field {
	CLERK_MEMBERSHIP_ROLE,
	CLERK_MEMBERSHIP_PUBLIC,
	CLERK_MEMBERSHIP_PRIVATE,
};

enum clerk_invitation_field {
	CLERK_INVITATION_EMAIL,
	CLERK_INVITATION_ROLE,
	CLERK_INVITATION_PUBLIC,
};

#define CLERK_DOMAIN_NAME 0U /* the one field of a domain */

/* clerk_entities.c */
extern const struct rh_entity_rules clerk_entity_rules;

int clerk_entity_to_wire(const void *instance, const struct rh_entity *entity,
			 const struct rh_links *links, const struct rh_mapping_policy *policy,
			 unsigned parts, struct rh_arena *arena, struct rh_finding_sink *findings,
			 struct rh_buf *body, struct rh_wire *out, struct rh_err *err);
int clerk_entity_observe(const void *instance, enum rh_kind kind, const struct rh_record *record,
			 struct rh_arena *arena, struct rh_observed *out, struct rh_err *err);

/* clerk_entity_read.c: the record of a kind, of either side; what it lacks (NULL: nothing) in *lacks.  RH_OK, RH_ENOMEM,
 * RH_EINVAL. */
struct rh_entity_read;
RH_NODISCARD int clerk_entity_read(const struct clerk *clerk, enum rh_kind kind,
				   struct rh_entity_read *read, const char **lacks);

/* clerk_entity_error.c: DONE with the fate that a readable refusal tells, or FAIL (connector.h, C23).  RH_OK, RH_ENOMEM. */
RH_NODISCARD int clerk_entity_refuse(struct rh_operation *operation,
				     const struct rh_json_node *root, int status, bool was_writing,
				     struct rh_answer *answer);

/* clerk_entity_steps.c; contracts: struct rh_connector */
rh_step_fn clerk_entity_list;
rh_step_fn clerk_entity_find;
rh_step_fn clerk_entity_get;
rh_step_fn clerk_entity_create;
/* clerk_entity_change.c */
rh_step_fn clerk_entity_remove;
rh_step_fn clerk_entity_update;

/* ---- what the steps share ------------------------------------------------------------------------------------- */

/* GET, or `method`, of a path made of constant text and encoded ids: `a` first `b` second, an absent id ends it. */
struct clerk_entity_path {
	const char *a;
	struct rh_str first;
	const char *b;
	struct rh_str second;
	const char *c;
};
RH_NODISCARD int clerk_entity_send(const struct clerk *clerk, struct rh_operation *operation,
				   const char *method, const struct clerk_entity_path *path,
				   struct rh_str body, struct rh_answer *answer);
/* Ends the operation by the object that `node` is, or as unreadable if it is none.  RH_OK or RH_ENOMEM. */
RH_NODISCARD int clerk_entity_take(const struct clerk *clerk, struct rh_operation *operation,
				   const struct rh_json_node *node, bool was_writing,
				   struct rh_answer *answer);
/* An answer whose success is one object; a 404 of a reading says that it is not there. */
RH_NODISCARD int clerk_entity_answer(const struct clerk *clerk, struct rh_operation *operation,
				     const struct rh_response *response, bool was_writing,
				     struct rh_answer *answer);
/* Asks for what FIND asks for, by row->entity and row->links, from page `stage` on; of the answer the one that is meant, or
 * ABSENT, or the next page. */
RH_NODISCARD int clerk_entity_send_find(const struct clerk *clerk, struct rh_operation *operation,
					struct rh_answer *answer);
RH_NODISCARD int clerk_entity_take_found(const struct clerk *clerk, struct rh_operation *operation,
					 const struct rh_response *response,
					 struct rh_answer *answer);

#endif
