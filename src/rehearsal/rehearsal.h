/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rehearsal: an HTTP server on 127.0.0.1 that plays providers, with their limits, errors and faults.
 *
 *  1. Each tenant (a provider, possibly twice) listens at the root of its own port, so that the provider's
 *     own clients work on it unchanged.
 *  2. What a provider does is written from its published description, in connectors/<name>/<name>_rehearse.c,
 *     and shares no mapping code with the connector.
 *  3. Passwords are truly verified at sign-in.
 *  4. State is in memory; with a state file it is loaded at start and saved at stop and on request.
 *  5. One thread: the requests of all tenants are served one after another; what a real provider does at
 *     once a rehearsal does in some order.
 */
#ifndef REHEARSAL_REHEARSAL_H
#define REHEARSAL_REHEARSAL_H

#include <rehome/types.h>

struct rh_rehearsal;
struct rh_clock;
struct rh_imitation;

enum rh_rehearsal_limits {
	RH_LIMITS_DOCUMENTED,
	RH_LIMITS_OFF,
	RH_LIMITS_CUSTOM, /* requests per window for every write bucket of the provider; no other limit */
};

struct rh_rehearsal_options {
	const char *const *providers; /* names; one twice is two tenants */
	size_t provider_count;
	unsigned port; /* of the first; 0: each provider's own default port; second tenant of a
				       * provider ten ports higher.  1: any free port (tests) */
	const char *state_path; /* NULL: none */
	double speed;           /* the rehearsal's clock runs this much faster; 1 */
	enum rh_rehearsal_limits limits;
	uint64_t custom_limit;
	int64_t custom_window_us;
	struct rh_clock *clock;
};

/* What one tenant is called by. */
struct rh_rehearsal_tenant {
	const char *provider;
	unsigned port;
	const char *const *environment; /* "ACME_API_URL=http://127.0.0.1:8709" …, NULL-ended */
	const char *production_key;     /* what opens the other environment; NULL: there is none */
};

/* Binds the ports; RH_EIO with the port when one is taken, RH_EUSAGE for a provider without imitation. */
RH_NODISCARD int rh_rehearsal_start(struct rh_rehearsal **out,
				    const struct rh_rehearsal_options *options, struct rh_err *err);
size_t rh_rehearsal_tenants(const struct rh_rehearsal *rehearsal);
void rh_rehearsal_tenant(const struct rh_rehearsal *rehearsal, size_t index,
			 struct rh_rehearsal_tenant *out);
/* Token that the control routes (/_rehearsal/…) ask for in X-Rehearsal-Token. */
const char *rh_rehearsal_token(const struct rh_rehearsal *rehearsal);
/* Serves until stop_fd is readable. */
RH_NODISCARD int rh_rehearsal_serve(struct rh_rehearsal *rehearsal, int stop_fd,
				    struct rh_err *err);
/* Saves the state if there is a state file, closes the ports, frees. */
void rh_rehearsal_stop(struct rh_rehearsal *rehearsal);

#endif
