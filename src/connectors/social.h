/* SPDX-License-Identifier: Apache-2.0 */
/* Social providers, under the one name that an account has them by, whatever each vendor calls them. */
#ifndef CONNECTORS_SOCIAL_H
#define CONNECTORS_SOCIAL_H

#include <rehome/account.h>

/*
 * Gives an identity's provider its common name: "google.com", "google-oauth2", "oauth_google" and "Google" are
 * "google"; a name of enterprise sign-in ("sso:…", "saml.…", "samlp") makes the identity one.  What nobody knows stays
 * as it is.  The name is then constant text or a part of the one that was there.
 */
void social_name(struct rh_identity *identity);
/* For a finding: the common name, or another if it looks like a word, else "other": it may be anything. */
struct rh_str social_note(const struct rh_identity *identity);

#endif
