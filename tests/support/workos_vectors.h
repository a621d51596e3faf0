/* SPDX-License-Identifier: Apache-2.0 */
/* Password hashes in the forms WorkOS takes, each with the password it was made from. */
#ifndef SUPPORT_WORKOS_VECTORS_H
#define SUPPORT_WORKOS_VECTORS_H

#include <stddef.h>

struct workos_vector {
	const char *name;
	const char *type;
	const char *hash;
	const char *position; /* password_salt_position; NULL: not sent */
	const char *password;
	const char *form; /* value of the switch firebase_form; NULL: as it is */
};

#define FIREBASE_SIGNER \
	"jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA"
#define FIREBASE_HASH \
	"lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ"

static const struct workos_vector workos_vectors[] = {
	{"bcrypt", "bcrypt", "$2b$10$abcdefghijklmnopqrstuufV5R6AIRuiwehOrEgoAS3hGfIJuM.qW", NULL,
	 "Passw0rd!", NULL},
	{"argon2id", "argon2",
	 "$argon2id$v=19$m=19456,t=2,p=1$AQIDBAUGBwgJCgsMDQ4PEA$"
	 "jR7g2uAFVRDDE4hcP43NSfEwXV/awN4Pl8pb98sZ8/g",
	 NULL, "Passw0rd!", NULL},
	{"argon2i", "argon2",
	 "$argon2i$v=19$m=4096,t=3,p=1$AQIDBAUGBwgJCgsMDQ4PEA$"
	 "5vzHF2rimUELF0pI/ZsY7K/bOsnOAkDTaeNE94YDwqE",
	 NULL, "Passw0rd!", NULL},
	{"argon2d", "argon2",
	 "$argon2d$v=19$m=4096,t=1,p=2$AQIDBAUGBwgJCgsMDQ4PEA$"
	 "MxRDdj81Ty/E1kEPRwk6ODLEuFLFtmUyiDLXQFnmI50",
	 NULL, "Passw0rd!", NULL},
	{"pbkdf2 sha512", "pbkdf2",
	 "$pbkdf2$i=210000,d=sha512$AQIDBAUGBwgJCgsMDQ4PEA$"
	 "o4dLsxdwl6FQ+4nphHpvfLuKkMI0so7CCBxiocIDYdF5/LMuBjPVHZQsjPB8gba5DbtZphhPT8vCsHABBBjhLw",
	 NULL, "Passw0rd!", NULL},
	{"pbkdf2 sha256", "pbkdf2",
	 "$pbkdf2$i=600000,d=sha256$UzRsdFN0cjFuZ0RqYW5nbw$"
	 "FKmfvh8cvURWEaHp33NIO3JQH8omY1vY+lccfm+zKcY",
	 NULL, "Passw0rd!", NULL},
	{"scrypt r=16", "scrypt",
	 "$scrypt$v=1$n=16384,r=16,p=1,kl=64$MDAxMTIyMzM0NDU1NjY3Nzg4OTlhYWJiY2NkZGVlZmY$"
	 "9Egqws+9oWQs5z8865Jki5k0o/GZpTPQ9Gu02pyg50DxRhNigyA8R2+hCr44ZR4tKlIe91QG+aj3++AEeqGkJQ",
	 NULL, "Passw0rd!", NULL},
	{"scrypt n=32768", "scrypt",
	 "$scrypt$v=1$n=32768,r=8,p=1,kl=64$YUIzZEU1Z0g3aks5bU4xcA$"
	 "YLBRPE7AFzjk+ggob0ieUpabYQ5f7YiZ53UPSrNLcfJSY5rn5Nm18AfEfeX1nubJlHx7SP4uz5fgVgxzzd/ETA",
	 NULL, "Passw0rd!", NULL},
	{"ssha", "ssha", "{SSHA}E756HsGlR8p9PEzXKax958nMRGEBAgMEBQYHCA==", NULL, "Passw0rd!", NULL},
	{"ssha256", "ssha256", "{SSHA256}nMMamlSfVPt7TfYpbtp12PspprVUjUmrXoKoEHYnPjkBAgMEBQYHCA==",
	 NULL, "Passw0rd!", NULL},
	{"ssha256 suffix", "ssha256",
	 "{SSHA256}nMMamlSfVPt7TfYpbtp12PspprVUjUmrXoKoEHYnPjkBAgMEBQYHCA==", "suffix", "Passw0rd!",
	 NULL},
	{"ssha256 prefix", "ssha256",
	 "{SSHA256}xNbRV9ypkgx5KmfQXH8JL5smOxb4UvR2AjY1Zq6BqPcBAgMEBQYHCA==", "prefix", "Passw0rd!",
	 NULL},
	{"firebase a", "firebase-scrypt",
	 "$firebase-scrypt$v=1$r=8,m=14,ss=Bw,sk=" FIREBASE_SIGNER "$42xEC+ixf3L2lw$" FIREBASE_HASH,
	 NULL, "user1password", NULL},
	{"firebase b", "firebase-scrypt",
	 "$firebase-scrypt$hash=" FIREBASE_HASH "==$salt=42xEC+ixf3L2lw==$sk=" FIREBASE_SIGNER
	 "==$ss=Bw==$r=8$m=14",
	 NULL, "user1password", "b"},
	{"firebase c", "firebase-scrypt",
	 "$firebase-scrypt$r=8,m=14,ss=Bw,sk=" FIREBASE_SIGNER "$42xEC+ixf3L2lw$" FIREBASE_HASH,
	 NULL, "user1password", "c"},
	{"firebase any", "firebase-scrypt",
	 "$firebase-scrypt$r=8,m=14,ss=Bw,sk=" FIREBASE_SIGNER "$42xEC+ixf3L2lw$" FIREBASE_HASH,
	 NULL, "user1password", "any"},
};

#define WORKOS_VECTOR_COUNT (sizeof(workos_vectors) / sizeof(workos_vectors[0]))

#endif
