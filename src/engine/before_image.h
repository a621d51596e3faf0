/* SPDX-License-Identifier: Apache-2.0 */
/* What an update replaced: the values of its wire fields, sealed for its row (ledger.h, L11). */
#ifndef ENGINE_BEFORE_IMAGE_H
#define ENGINE_BEFORE_IMAGE_H

#include "engine/run.h"

/* Of an update that has read: does the field, do all concerned fields, stand there as they are to be? */
bool rh_row_field_is_as_expected(const struct rh_row *row, unsigned field);
bool rh_row_is_as_expected(const struct rh_row *row);

/* The fields of the connector as JSON with their names, sealed, in the arena.  Wire fields hold no secret
 * (connector.h, C9), so an image holds no credential. */
RH_NODISCARD int rh_image_seal(const struct rh_run *run, int64_t row, const struct rh_wire *wire,
			       struct rh_arena *arena, struct rh_str *out, struct rh_err *err);
/* RH_EMISMATCH: another key, another row's, or not an image. */
RH_NODISCARD int rh_image_open(const struct rh_run *run, int64_t row, struct rh_str sealed,
			       struct rh_arena *arena, struct rh_wire *out, struct rh_err *err);

#endif
