/* SPDX-License-Identifier: Apache-2.0 */
/* From an answer, or its absence, to what is certain: the default rules (connector.h, C3). */
#ifndef ENGINE_CLASSIFY_H
#define ENGINE_CLASSIFY_H

#include <rehome/connector.h>

/*
 * RH_OUTCOME_NONE: the connector reads it.  THROTTLED, AWAY: certainly not processed, or a mere reading;
 * UNKNOWN: a write that may have been processed; DENIED: 401.  *cause is a constant text.
 */
enum rh_outcome rh_classify(const struct rh_request *request, const struct rh_response *response,
			    const char *reason, const char **cause);

#endif
