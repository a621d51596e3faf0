/* SPDX-License-Identifier: Apache-2.0 */
/* Forms in which a credential can be written again, beside the canonical text. */
#ifndef ACCOUNT_CREDENTIAL_FORM_H
#define ACCOUNT_CREDENTIAL_FORM_H

#include "account/credential.h"

struct rh_credential_form {
	const char *name;
	const char *help; /* a phrase: whose form it is, of what */
	/* false: the form has no place for this credential */
	bool (*write)(struct rh_buf *out, const struct rh_credential *credential);
	enum rh_dialect dialect; /* as which it is read again */
	bool is_read_again;      /* false: for people and other programs only */
};

/* In the order of the help; NULL at the end. */
const struct rh_credential_form *rh_credential_form_at(size_t index);
const struct rh_credential_form *rh_credential_form_find(const char *name); /* NULL: none */
/*
 * Writes a PRESENT credential in a form, reads it again, and compares: what comes out says exactly what came
 * in.  RH_EINVAL: the form has no place for it (nothing is written); RH_ENOMEM, RH_ELIMIT.
 */
RH_NODISCARD int rh_credential_convert(const struct rh_credential *credential,
				       const struct rh_credential_form *form,
				       struct rh_arena *arena, struct rh_buf *out);

/*
 * A credential put together from fields (not from a text that describes itself): `draft` has scheme, bytes and
 * parameters; out gets it with every bound of its scheme applied (state PRESENT, OUT_OF_RANGE or
 * UNRECOGNISED).  RH_OK or RH_ENOMEM.
 */
RH_NODISCARD int rh_credential_compose(struct rh_arena *arena, const struct rh_credential *draft,
				       struct rh_credential *out);

#endif
