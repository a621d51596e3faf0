/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a parsed JSON document lies in memory, for what reads every record; all others use json.h.
 *
 *   {"a":[1,2],"b":"x"}   ->   0 object  span 7, 2 members
 *                              1 string  "a"       (the name stands before its value)
 *                              2 array   span 3, 2 elements
 *                              3 number  1
 *                              4 number  2
 *                              5 string  "b"
 *                              6 string  "x"
 *
 * The span of a container is the number of nodes from itself to its last descendant, so the next sibling
 * is found by one addition.  While a container is open its node holds the index of the one around it: the
 * array is its own stack.  Of a container in which no blank and no escape stands the size of its text is kept,
 * as that text is what the writer would make of the node.
 */
#ifndef BASE_JSON_NODE_H
#define BASE_JSON_NODE_H

#include "base/json.h"

struct rh_json_node {
	union {
		const char *text; /* string, number */
		struct {          /* open container */
			uint32_t
				begin; /* where its bracket stands: the lower half of the address */
			uint32_t parent; /* index of the one around it */
		};
		struct {               /* closed container */
			uint32_t span; /* nodes, its own included */
			uint32_t size; /* bytes of its text if it is compact, else 0 */
		};
	};
	uint32_t len; /* string, number: bytes; container: elements or members */
	enum rh_json_type type;
};

_Static_assert(sizeof(struct rh_json_node) == 16 || sizeof(void *) != 8, "a node has 16 bytes");

/* A document that begins with nodes of the caller, as one that is read for each record and is small. */
static inline struct rh_json rh_json_lend(struct rh_json_node *nodes, size_t count)
{
	return (struct rh_json){
		.nodes = nodes,
		.cap = count,
		.is_lent = true,
	};
}

/* The node that follows this one and all that is in it. */
static inline const struct rh_json_node *rh_json_behind(const struct rh_json_node *node)
{
	return node +
	       (node->type == RH_JSON_ARRAY || node->type == RH_JSON_OBJECT ? node->span : 1);
}

/* Of a member, whose value is the next node. */
static inline struct rh_str rh_json_name(const struct rh_json_node *node)
{
	return (struct rh_str){
		.ptr = node->text,
		.len = node->len,
	};
}

#endif
