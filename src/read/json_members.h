/* SPDX-License-Identifier: Apache-2.0 */
/* Members of an object around the array of records: finding "users" or "data", passing over the rest. */
#ifndef READ_JSON_MEMBERS_H
#define READ_JSON_MEMBERS_H

#include "read/json_stream.h"

static inline bool rh_json_is_blank(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

/*
 * The window stands at the '{' of the first object: is it an object around records, or a record itself?
 * Sets form, wrapper and next; consumes nothing of a record (but one that is larger than the limit).
 */
RH_NODISCARD int rh_json_members_sniff(struct rh_json_stream *stream, struct rh_err *err);

/*
 * Passes over one member or what stands between two.  stream->next tells what came: FIRST, the array of
 * records was entered; TOP, the object has ended.  0, or an error: RH_EINPUT, the text ends here.
 */
RH_NODISCARD int rh_json_members_pass(struct rh_json_stream *stream, struct rh_err *err);

#endif
