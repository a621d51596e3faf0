/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the compiler share: the document on its way, where in it we are, how an error is told. */
#ifndef MAPPING_MAPPING_COMPILER_H
#define MAPPING_MAPPING_COMPILER_H

#include "mapping/mapping_internal.h"

struct mapping_compiler {
	struct rh_mapping *mapping;
	struct rh_str document; /* as it was given: places of errors are counted in it */
	struct rh_err *err;
	const struct rh_json_node *shared;
	struct mapping_scope *scope; /* where paths go */
	const char *at;  /* in mapping->text: the last name or text that was looked at */
	char trail[256]; /* "fields.emails" */
	size_t trail_len;
	unsigned depth; /* rules in rules */
};

/* What a rule is read as: decides which members it may have. */
enum mapping_kind {
	MAPPING_KIND_TEXT,
	MAPPING_KIND_NAME,
	MAPPING_KIND_BOOL,
	MAPPING_KIND_LABEL, /* of a password hash */
};

/* ---- mapping_document.c ---------------------------------------------------------------------------------- */

/* Place in the trail, to go back to. */
struct mapping_mark {
	const char *at;
	size_t trail_len;
};
/* `node` is the value of a member of the object at hand, or NULL. */
struct mapping_mark rh_mapping_enter(struct mapping_compiler *compiler,
				     const struct rh_json_node *member);
/* The same of the element of an array. */
struct mapping_mark rh_mapping_enter_at(struct mapping_compiler *compiler,
					const struct rh_json_node *element, size_t index);
void rh_mapping_leave(struct mapping_compiler *compiler, struct mapping_mark before);
/* RH_EINPUT at the place where we are: "fields.emails: …".  `hint` may be NULL. */
int rh_mapping_fail(struct mapping_compiler *compiler, const char *hint, const char *fmt, ...)
	RH_PRINTF(3, 4);
/* An object, none of whose members is unknown or there twice. */
RH_NODISCARD int rh_mapping_check(struct mapping_compiler *compiler,
				  const struct rh_json_node *object, const char *const *allowed);
/* A string that is not empty, into *out; `choices` (may be NULL): one of these. */
RH_NODISCARD int rh_mapping_word(struct mapping_compiler *compiler, const struct rh_json_node *node,
				 const char *const *choices, struct rh_str *out);
/* Room for one more in a table of the mapping. */
RH_NODISCARD int rh_mapping_grow(struct mapping_compiler *compiler, void *list_ptr, size_t count,
				 size_t *cap, size_t size);
/* A member of a rule, its own or that of the rule that it uses; NULL: there is none. */
const struct rh_json_node *rh_mapping_member(const struct mapping_compiler *compiler,
					     const struct rh_json_node *rule, const char *name);
/* `shared`: each uses what is there, and none itself (M1). */
RH_NODISCARD int rh_mapping_check_shared(struct mapping_compiler *compiler);
/* Does the rule use one that is there? */
RH_NODISCARD int rh_mapping_check_use(struct mapping_compiler *compiler,
				      const struct rh_json_node *rule);

/* ---- mapping_program.c ----------------------------------------------------------------------------------- */

/* The member `jq`; may be NULL. */
RH_NODISCARD int rh_mapping_compile_program(struct mapping_compiler *compiler,
					    const struct rh_json_node *node);

/* ---- mapping_rules.c ------------------------------------------------------------------------------------- */

RH_NODISCARD int rh_mapping_compile_path(struct mapping_compiler *compiler,
					 const struct rh_json_node *node, uint16_t *out);
RH_NODISCARD int rh_mapping_compile_rules(struct mapping_compiler *compiler,
					  const struct rh_json_node *node, enum mapping_kind kind,
					  struct mapping_rules *out);
/* The member of an object as rules; none where it is not there. */
RH_NODISCARD int rh_mapping_compile_member(struct mapping_compiler *compiler,
					   const struct rh_json_node *object, const char *name,
					   enum mapping_kind kind, struct mapping_rules *out);
/* Texts of an array (or one text) into the table. */
RH_NODISCARD int rh_mapping_compile_texts(struct mapping_compiler *compiler,
					  const struct rh_json_node *node,
					  struct mapping_texts *out);

/* ---- mapping_fields.c: emails, phones, identities, password, metadata -------------------------------------- */

RH_NODISCARD int rh_mapping_compile_lists(struct mapping_compiler *compiler,
					  const struct rh_json_node *node, enum rh_field field);
RH_NODISCARD int rh_mapping_compile_password(struct mapping_compiler *compiler,
					     const struct rh_json_node *node);
RH_NODISCARD int rh_mapping_compile_metadata(struct mapping_compiler *compiler,
					     const struct rh_json_node *node,
					     enum rh_metadata_kind kind);

#endif
