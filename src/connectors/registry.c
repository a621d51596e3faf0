/* SPDX-License-Identifier: Apache-2.0 */
/* The providers that this build knows, in the order in which they are listed. */
#include <rehome/rehome.h>

#include "base/str.h"
#include "connectors/archive/archive_connector.h"
#include "connectors/auth0/auth0.h"
#include "connectors/authjs/authjs.h"
#include "connectors/betterauth/betterauth.h"
#include "connectors/clerk/clerk.h"
#include "connectors/csv/csv.h"
#include "connectors/firebase/firebase.h"
#include "connectors/supabase/supabase.h"
#include "connectors/workos/workos.h"

/* One a line: several people add to it. */
static const struct rh_connector *const registry[] = {
	/* clang-format off */
	&rh_connector_archive,
	&rh_connector_auth0,
	&rh_connector_authjs,
	&rh_connector_betterauth,
	&rh_connector_clerk,
	&rh_connector_csv,
	&rh_connector_firebase,
	&rh_connector_supabase,
	&rh_connector_workos,
	/* clang-format on */
	NULL,
};

const struct rh_connector *rh_connector_at(size_t index)
{
	return index < sizeof(registry) / sizeof(registry[0]) ? registry[index] : NULL;
}

const struct rh_connector *rh_connector_find(const char *name)
{
	if (name == NULL) {
		return NULL;
	}
	for (size_t i = 0; registry[i] != NULL; i++) {
		if (strcmp(registry[i]->name, name) == 0) {
			return registry[i];
		}
	}
	return NULL;
}
