/* SPDX-License-Identifier: Apache-2.0 */
/* Every limit of the program, with the reason beside it. */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

/* One record of an input: a user with every metadata bucket full is below 100 KiB at any provider known. */
#define RH_RECORD_MAX (16U * 1024 * 1024)
/* Nodes of one JSON document: 16 MiB of "[[[" and no more. */
#define RH_JSON_NODES_MAX (4U * 1024 * 1024)
/* Bytes read from an input at a time. */
#define RH_READ_CHUNK (256U * 1024)
/* One answer of a provider: a page of 100 users is below 1 MiB. */
#define RH_RESPONSE_MAX (32U * 1024 * 1024)
/* One download: an export of a hundred million users with every field full does not reach it. */
#define RH_DOWNLOAD_MAX (UINT64_C(1) << 40)
/* One request body. */
#define RH_REQUEST_MAX (8U * 1024 * 1024)
/* Memory of one operation: request, response, state, mapped rows. */
#define RH_OPERATION_MAX (96U * 1024 * 1024)
/* Memory of one batch of accounts. */
#define RH_BATCH_MAX (256U * 1024 * 1024)
/* Rows of one ledger transaction (docs/internals/ledger.md: where a larger group gains little). */
#define RH_LEDGER_GROUP 256
/* Of one that grows with the speed of the target (src/engine/apply.c, A8). */
#define RH_LEDGER_GROUP_MAX 1024
/* Operations in flight at one target, at most. */
#define RH_CONCURRENCY_MAX 256
/* A finding's or an outcome's text. */
#define RH_TEXT_MAX 512
/* Decompressed bytes per compressed byte before an input is refused as a bomb, and the size from which
 * the ratio is looked at. */
#define RH_INFLATE_RATIO_MAX 1000U
#define RH_INFLATE_GRACE (64U * 1024 * 1024)

#endif
