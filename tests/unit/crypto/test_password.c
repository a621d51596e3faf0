/* SPDX-License-Identifier: Apache-2.0 */
/* Checking passwords: published vectors of every scheme, right and wrong, and the bounds on cost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/str.h"
#include "password_support.h"

static void bcrypt_vectors_match(void **state)
{
	static const struct vector vectors[] = {
		{"U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
		 RH_DIALECT_BCRYPT},
		{"U*U*", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK",
		 RH_DIALECT_BCRYPT},
		{"U*U*U", "$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a",
		 RH_DIALECT_BCRYPT},
		{"", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy",
		 RH_DIALECT_BCRYPT},
		{"\xa3", "$2y$05$/OK.fbVrR/bpIqNJ5ianF.Sa7shbm4.OzKpvFnX1pQLmQW96oUlCq",
		 RH_DIALECT_BCRYPT},
		{"\xa3", "$2x$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e",
		 RH_DIALECT_BCRYPT},
		{"\xff\xff\xa3", "$2y$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e",
		 RH_DIALECT_BCRYPT},
		/* "2a" is computed as "2b", without libxcrypt's guard */
		{"\xff\xff\xa3", "$2a$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e",
		 RH_DIALECT_BCRYPT},
		{"", "$2a$06$DCq7YPn5Rq63x1Lad4cll.TV4S6ytwfsfvkgY8jIucDrjc8deX1s.",
		 RH_DIALECT_BCRYPT},
		{"a", "$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe",
		 RH_DIALECT_BCRYPT},
		{"abc", "$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i",
		 RH_DIALECT_BCRYPT},
		{"abcdefghijklmnopqrstuvwxyz",
		 "$2a$06$.rCVZVOThsIa97pEDOxvGuRRgzG64bvtJ0938xuqzv18d3ZpQhstC", RH_DIALECT_BCRYPT},
		{"l\xc3\xa8tmein",
		 "bcrypt_sha256$$2b$04$CCCCCCCCCCCCCCCCCCCCC.3TTwpC5Bwj7ds9p/UadWA7yfctaiUsS",
		 RH_DIALECT_BCRYPT_SHA256_DJANGO},
		{"l\xc3\xa8tmein",
		 "bcrypt$$2b$04$CCCCCCCCCCCCCCCCCCCCC.gkH6UnjS0HnlIFKPrxOxecnCGXTwVua",
		 RH_DIALECT_SHAPE},
	};
	static const struct vector costly[] = {
		{"test", "$2y$10$srNl09aPtc2qr.0Vl.NtjekJRt/NxRxYQm3qd3OvfcKsJgVnr6.Ve",
		 RH_DIALECT_BCRYPT},
		{"shh", "$2b$10$C9hB01.YxRSTcn/ZOOo4j.TW7xCKKFKBSF.C7E0xiUwumqIDqWUXG",
		 RH_DIALECT_BCRYPT},
		{"Kk4aPMeiaRpAs2OeX1NE",
		 "$2b$10$U4C0ZY8OG8y41F9LusfKyu3HRMBL0rCZcKBVsXhgr.n8Ou6FPhzO2", RH_DIALECT_BCRYPT},
		{"abc123xyz", "$2a$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW",
		 RH_DIALECT_BCRYPT},
		{"correct horse", "$2b$10$abcdefghijklmnopqrstuu23JPZtHcGhwXSF41f93o/7vBdDut3Xu",
		 RH_DIALECT_BCRYPT},
		{"Passw0rd!", "$2b$10$abcdefghijklmnopqrstuufV5R6AIRuiwehOrEgoAS3hGfIJuM.qW",
		 RH_DIALECT_BCRYPT},
	};

	(void)state;
	CHECK(vectors);
	CHECK_COSTLY(costly);
}

static void bcrypt_counts_72_bytes_and_no_nul(void **state)
{
#define FIRST72 "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	struct rh_credential cred =
		parse("$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui",
		      RH_DIALECT_BCRYPT);
	struct rh_credential guarded =
		parse("$2a$05$/OK.fbVrR/bpIqNJ5ianF.nqd1wy.pTMdcvrRWxyiGL2eMz.2a85.",
		      RH_DIALECT_BCRYPT);
	struct rh_credential abc =
		parse("$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i",
		      RH_DIALECT_BCRYPT);

	(void)state;
	assert_int_equal(check(&cred, RH_STR(FIRST72 "chars after 72 are ignored")),
			 RH_PASSWORD_MATCH);
	assert_int_equal(check(&cred, RH_STR(FIRST72)), RH_PASSWORD_MATCH);
	assert_int_equal(check(&cred, rh_str_sub(RH_STR(FIRST72), 0, 71)), RH_PASSWORD_MISMATCH);
	assert_int_equal(check(&guarded, RH_STR("\xff\xff\xa3")), RH_PASSWORD_MISMATCH);
	assert_int_equal(check(&abc, RH_STR("abc\0def")), RH_PASSWORD_MISMATCH);
}

static void a_pepper_follows_the_password(void **state)
{
	/* B-3 of the published vectors, its password cut in two */
	struct rh_credential cred =
		parse("$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a$*U",
		      RH_DIALECT_BCRYPT_PEPPERED);

	(void)state;
	assert_int_equal(check(&cred, RH_STR("U*U")), RH_PASSWORD_MATCH);
	assert_int_equal(check(&cred, RH_STR("U*U*U")), RH_PASSWORD_MISMATCH);
	assert_int_equal(check(&cred, RH_STR("")), RH_PASSWORD_MISMATCH);
}

static void argon2_vectors_match(void **state)
{
	static const struct vector vectors[] = {
		{"password",
		 "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+"
		 "sCcFanM2xBT63UP2sghkUoHLIUpWRS8",
		 RH_DIALECT_ARGON2I},
		{"password",
		 "$argon2i$v=19$m=256,t=2,p=2$c29tZXNhbHQ$T/XOJ2mh1/"
		 "TIpJHfCdQan76Q5esCFVoT5MAeIM1Oq2E",
		 RH_DIALECT_ARGON2I},
		{"password",
		 "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/"
		 "uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
		 RH_DIALECT_ARGON2ID},
		{"password",
		 "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/"
		 "5U52iv1cDc",
		 RH_DIALECT_ARGON2ID},
		{"test", "$argon2i$v=19$m=16,t=2,p=1$bGJRWThNOHJJTVBSdHl2dQ$NfEnUOuUpb7F2fQkgFUG4g",
		 RH_DIALECT_ARGON2I},
		{"test",
		 "$argon2id$v=19$m=32,t=3,p=2$SFVpOWJ0eXhjRzVkdGN1RQ$"
		 "RXnb8rh7LaDcn07xsssqqulZYXOM/EUCEFMVcAcyYVk",
		 RH_DIALECT_ARGON2ID},
	};
	static const struct vector costly[] = {
		{"password",
		 "$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+"
		 "YFY4NeBbtA",
		 RH_DIALECT_ARGON2I},
		/* no "v=": version 16 */
		{"password",
		 "$argon2i$m=65536,t=2,p=1$c29tZXNhbHQ$9sTbSlTio3Biev89thdrlKKiCaYsjjYVJxGAL3swxpQ",
		 RH_DIALECT_ARGON2I},
		{"differentpassword",
		 "$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$FK6NoBr+"
		 "qHAMI1jc73xTWNkCEoK9iGY6RWL1n7dNIu4",
		 RH_DIALECT_ARGON2I},
		{"password",
		 "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$"
		 "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		 RH_DIALECT_ARGON2ID},
		{"password",
		 "$argon2id$v=19$m=65536,t=2,p=1$ZGlmZnNhbHQ$"
		 "vfMrBczELrFdWP0ZsfhWsRPaHppYdP3MVEMIVlqoFBw",
		 RH_DIALECT_ARGON2ID},
		{"shh",
		 "$argon2id$v=19$m=65536,t=2,p=1$J6Q/82PCyaNpYKRELJyTZg$"
		 "m04qUAB8rexWDR4+/0f+SFB+4XMFxt7YAvAq2UycYos",
		 RH_DIALECT_ARGON2ID},
		{"correct horse",
		 "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$"
		 "AdweBLwcflnNX2HVW8i1Mtu7frrn4Ki7h/rYSGuU7Is",
		 RH_DIALECT_ARGON2ID},
		{"Passw0rd!",
		 "$argon2id$v=19$m=19456,t=2,p=1$AQIDBAUGBwgJCgsMDQ4PEA$"
		 "jR7g2uAFVRDDE4hcP43NSfEwXV/awN4Pl8pb98sZ8/g",
		 RH_DIALECT_ARGON2ID},
	};
	struct rh_credential cred;

	(void)state;
	CHECK(vectors);
	CHECK_COSTLY(costly);

	/* The same bytes under another variant or version are another hash. */
	cred = parse(vectors[2].raw, RH_DIALECT_ARGON2ID);
	cred.scheme = RH_SCHEME_ARGON2D;
	assert_int_equal(check(&cred, RH_STR("password")), RH_PASSWORD_MISMATCH);
	cred.scheme = RH_SCHEME_ARGON2ID;
	cred.version = 16;
	assert_int_equal(check(&cred, RH_STR("password")), RH_PASSWORD_MISMATCH);
}

static void scrypt_vectors_match(void **state)
{
	static const struct {
		const char *password;
		const char *salt;
		uint64_t n;
		uint32_t r;
		uint32_t p;
		const char *hex;
	} rfc7914[] = {
		{"", "", 16, 1, 1,
		 "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442fcd0069ded0948f83"
		 "26a753a"
		 "0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906"},
		{"password", "NaCl", 1024, 8, 16,
		 "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886"
		 "ff10927"
		 "9d9830dac727afb94a83ee6d8360cbdfa2cc0640"},
		{"pleaseletmein", "SodiumChloride", 16384, 8, 1,
		 "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf6"
		 "2d49705"
		 "242a9af9e61e85dc0d651e40dfcf017b45575887"},
	};
	static const struct vector vectors[] = {
		{"correct horse battery staple",
		 "000102030405060708090a0b0c0d0e0f:"
		 "7034425e783148ac6ce2c4521177f6fc8ba611950b64145053bf3c4fbf26457865bbf1ea816475418"
		 "7636d43"
		 "1114bca7374e96cf91409d23fbc0b086580d2442",
		 RH_DIALECT_BETTER_AUTH_SCRYPT},
		/* made of the NFKC form of a password with a ligature, a long s and an angstrom sign */
		{"Pasfi \xc3\x85",
		 "000102030405060708090a0b0c0d0e0f:"
		 "6d5d9c5d397af472b90fef36f55fabdd65c8aff5fe0f5af1e9be1f231adcbc27461ffa724268702b6"
		 "a270c53"
		 "a4686299f12919b4264a05aa3d216d30a9aa128f",
		 RH_DIALECT_BETTER_AUTH_SCRYPT},
		{"Passw0rd!",
		 "00112233445566778899aabbccddeeff:"
		 "f4482ac2cfbda1642ce73f3ceb92648b9934a3f199a533d0f46bb4da9ca0e740f146136283203c476"
		 "fa10abe"
		 "38651e2d2a521ef75406f9a8f7fbe0047aa1a425",
		 RH_DIALECT_BETTER_AUTH_SCRYPT},
		{"Passw0rd!",
		 "$scrypt$v=1$n=16384,r=16,p=1,kl=64$MDAxMTIyMzM0NDU1NjY3Nzg4OTlhYWJiY2NkZGVlZmY$"
		 "9Egqws+9oWQs5z8865Jki5k0o/"
		 "GZpTPQ9Gu02pyg50DxRhNigyA8R2+hCr44ZR4tKlIe91QG+aj3++AEeqGkJQ",
		 RH_DIALECT_SHAPE},
		{"correct horse",
		 "scrypt:32768:8:1$aBcDeFgHiJkLmNoP$"
		 "216e6d41a6edbdd1b44f97749b929b14623e8f4be31c542484da60041a5dc63c2d371801b8e6a42fe"
		 "b17e136"
		 "a70849509588fa1066133cd7e21da35a348d7852",
		 RH_DIALECT_SCRYPT_WERKZEUG},
		{"Passw0rd!",
		 "scrypt:32768:8:1$aB3dE5gH7jK9mN1p$"
		 "60b0513c4ec01738e4fa08286f489e52969b610e5fed8899e7750f4ab34b71f252639ae7e4d9b5f00"
		 "7c47de5"
		 "f59ee6c9947c7b48fe2ecf97e0560c73cddfc44c",
		 RH_DIALECT_SCRYPT_WERKZEUG},
		{"correct horse",
		 "$scrypt$ln=14,r=8,p=1$c2FsdHNhbHRzYWx0c2FsdA$"
		 "1idRgu6ns74sljt005o5BblTKV7Jul0HPGT6aXWnXKbPOorkJ/Oa6aUG/"
		 "ESHIg04Jnsi9BUDevbJa1FNPtZiXA",
		 RH_DIALECT_SHAPE},
		/* an export that feeds the base64 text of its salt, here as the bytes of that text */
		{"averylongandunguessablepasswordwithlotsofrandominfooofisjoafasnr;,n2",
		 "$scrypt$ln=15,r=8,p=1$ektpYS0wQmRJRktDeldielhiajNxcmhCbmJpV05nPT0$"
		 "8dg6AaIWPfcLTQU7lb4H+CI49dHeqaBXfFE1ogb2qRQ",
		 RH_DIALECT_SHAPE},
		/* raw hex with a text salt, rewritten */
		{"password",
		 "$scrypt$ln=12,r=8,p=1$YWJjMTIz$CX9hl+G0FTj3I+Mqp6aOjXYifY5DLOX6pIgqkTAy2yk",
		 RH_DIALECT_SHAPE},
	};
	struct rh_credential decoded_salt;

	(void)state;
	for (size_t i = 0; i < sizeof(rfc7914) / sizeof(rfc7914[0]); i++) {
		struct rh_credential cred = {
			.state = RH_CREDENTIAL_PRESENT,
			.scheme = RH_SCHEME_SCRYPT,
			.cost = rfc7914[i].n,
			.memory = rfc7914[i].r,
			.parallelism = rfc7914[i].p,
			.salt = rh_str_from(rfc7914[i].salt),
			.digest = unhex(rfc7914[i].hex),
		};

		assert_int_equal(check(&cred, rh_str_from(rfc7914[i].password)), RH_PASSWORD_MATCH);
		assert_int_equal(check(&cred, RH_STR("x")), RH_PASSWORD_MISMATCH);
	}
	CHECK_COSTLY(vectors);

	/* The classic error: the salt's hex decoded.  That makes another key, which must not fit. */
	decoded_salt = parse(vectors[0].raw, vectors[0].dialect);
	decoded_salt.salt = unhex("000102030405060708090a0b0c0d0e0f");
	assert_int_equal(check(&decoded_salt, rh_str_from(vectors[0].password)),
			 RH_PASSWORD_MISMATCH);
}

#define FIREBASE(hash, salt, key) hash "$" salt "$" key "$Bw==$8$14"
#define KEY_A \
	"jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA=="
#define KEY_B \
	"NkZlKPkYEFfnbh1nYTfLsbqQnQ6jyRV4itK7iUD+hjO96tsAYhBG40BVS3AuJyiwHinqc5RR3oA+lppOXPNRmw=="
#define KEY_C \
	"U01Ba7WbeBZyY/HjvbEp+N9KkB2h/oF7uSSbBSCj803usz1GV7YIhM+LlusLiU+t3qbz8hh5PLOUSekExEY04w=="
#define KEY_D \
	"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw=="

static void firebase_vectors_match(void **state)
{
	static const struct vector vectors[] = {
		{"user1password",
		 FIREBASE("lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+"
			  "VHjoZilo78198JAdRuid5lQ==",
			  "42xEC+ixf3L2lw==", KEY_A),
		 RH_DIALECT_SCRYPT_FIREBASE},
		{"user1password",
		 "$firebase-scrypt$v=1$r=8,m=14,ss=Bw,sk="
		 "jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn21"
		 "0wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA$42xEC+ixf3L2lw$lSrfV15cpx95/sZS2W9c9Kp6i/"
		 "LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ",
		 RH_DIALECT_SHAPE},
		{"hunter2",
		 FIREBASE("70k8Vg5B3/"
			  "OrvJOiqusnasv0dLcBHoDAqJrJr7TRLBfMw4MitWx51YXJYFdGiyMbMeKtWtLf5HiBDc"
			  "N0SUOm4A==",
			  "42xEC+ixf3L2lw==", KEY_A),
		 RH_DIALECT_SCRYPT_FIREBASE},
		{"two space password",
		 FIREBASE("5RZZm9Jz7p/"
			  "u+FGXMInlJtAYFmMBj6ioL1UOdWfsUknAFCnsPpnnKRLyXSUFwwKbM4lx7TdFclBsT1"
			  "6Z8uuumg==",
			  "GGc/eCzFj6DM0g==", KEY_B),
		 RH_DIALECT_SCRYPT_FIREBASE},
		{"this$is%to^test&some=symbols*out@",
		 FIREBASE("B8JNxsBRb0H5cHrnR18wpIbKnzp8//"
			  "NV3r+3nZG4VYnM4simlThHfpOYx0cJrTBi7xVhiBS9Ugkr"
			  "TlrfSRf2VA==",
			  "Dc+nQe0OnNrVrg==", KEY_B),
		 RH_DIALECT_SCRYPT_FIREBASE},
		{"testing123",
		 FIREBASE("aoTer9BYyhQCBkzqkV2WNHNgrh96PrUhr9qEmj/"
			  "Lph9vz3CDlzyQn5bIHB5YJja8a4k7kLOveet5Mb2"
			  "Bw4pZFA==",
			  "nwdW6iryfC10oQ==", KEY_C),
		 RH_DIALECT_SCRYPT_FIREBASE},
		{"mytestpassword",
		 "$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk="
		 "ou9tdYTGyYm8kuR6Dt0Bp0kDuAYoXrK16mbZO4yGwAn3oLspjn"
		 "N0/"
		 "c41v8xZnO1n14J3MjKj1b2g6AUCAlFwMw==$C0sHCg9ek77hsg==$"
		 "zKVTMvnWVw5BBOZNUdnsalx4c4c7y/"
		 "w7IS5p6Ut2+CfEFFlz37J9huyQfov4iizN8dbjvEJlM5tQaJP84+hfTw==",
		 RH_DIALECT_SHAPE},
		{"correct horse",
		 FIREBASE("Y1FULYEag1Kxy4Xo8dySwZm9SSyOwNsSSgADe5x/0pEZ2Ygabx632pj+I/BWRf/"
			  "VFK+0ti8zu5tOKtm"
			  "9MzCCRw==",
			  "c2FsdHNhbHQ=", KEY_D),
		 RH_DIALECT_SCRYPT_FIREBASE},
		{"p\xc3\xa4ssw\xc3\xb6rd \xe2\x98\x83",
		 FIREBASE("ZwjUjqi/K/BBbNTWd3SouDeJVywYIbxLpXTDZeuUDiFywRg/sHmdcyzoseSgxA20kavrLVL/"
			  "pYvGH/"
			  "UQgOrgLQ==",
			  "c2FsdHNhbHQ=", KEY_D),
		 RH_DIALECT_SCRYPT_FIREBASE},
		{"correct horse",
		 "vW24qXk63SH0R2sGsuGUJEYNyKhWQo6+PGKzon/LKT/mtd6afYB+Ur/"
		 "8+kGFA2UkRp2Yn9P78kM5whdt3Iw17g=="
		 "$c2FsdHNhbHQ=$" KEY_D "$$8$14",
		 RH_DIALECT_SCRYPT_FIREBASE},
	};

	(void)state;
	CHECK_COSTLY(vectors);
}

static void pbkdf2_vectors_match(void **state)
{
	static const struct {
		enum rh_scheme scheme;
		struct rh_str password;
		struct rh_str salt;
		uint64_t iterations;
		const char *hex;
	} standard[] = {
		{RH_SCHEME_PBKDF2_SHA1, RH_STR("password"), RH_STR("salt"), 1,
		 "0c60c80f961f0e71f3a9b524af6012062fe037a6"},
		{RH_SCHEME_PBKDF2_SHA1, RH_STR("password"), RH_STR("salt"), 2,
		 "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957"},
		{RH_SCHEME_PBKDF2_SHA1, RH_STR("password"), RH_STR("salt"), 4096,
		 "4b007901b765489abead49d926f721d065a429c1"},
		{RH_SCHEME_PBKDF2_SHA1, RH_STR("passwordPASSWORDpassword"),
		 RH_STR("saltSALTsaltSALTsaltSALTsaltSALTsalt"), 4096,
		 "3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038"},
		{RH_SCHEME_PBKDF2_SHA1, RH_STR("pass\0word"), RH_STR("sa\0lt"), 4096,
		 "56fa6aa75548099dcc37d7f03425e0c3"},
		{RH_SCHEME_PBKDF2_SHA256, RH_STR("passwd"), RH_STR("salt"), 1,
		 "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc49ca9cccf179b6459"
		 "91664b3"
		 "9d77ef317c71b845b1e30bd509112041d3a19783"},
		{RH_SCHEME_PBKDF2_SHA256, RH_STR("Password"), RH_STR("NaCl"), 80000,
		 "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56a1d425a1225833549"
		 "adb841b"
		 "51c9b3176a272bdebba1d078478f62b397f33c8d"},
		{RH_SCHEME_PBKDF2_SHA512, RH_STR("password"), RH_STR("salt"), 1,
		 "867f70cf1ade02cff3752599a3a53dc4af34c7a669815ae5d513554e1c8cf252c02d470a285a0501b"
		 "ad999bf"
		 "e943c08f050235d7d68b1da55e63f73b60a57fce"},
		{RH_SCHEME_PBKDF2_SHA512, RH_STR("password"), RH_STR("salt"), 4096,
		 "d197b1b33db0143e018b12f3d1d1479e6cdebdcc97c5c0f87f6902e072f457b5143f30602641b3d55"
		 "cd33598"
		 "8cb36b84376060ecd532e039b742a239434af2d5"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(standard) / sizeof(standard[0]); i++) {
		struct rh_credential cred = {
			.state = RH_CREDENTIAL_PRESENT,
			.scheme = standard[i].scheme,
			.cost = standard[i].iterations,
			.salt = standard[i].salt,
			.digest = unhex(standard[i].hex),
		};

		assert_int_equal(check(&cred, standard[i].password), RH_PASSWORD_MATCH);
		assert_int_equal(check(&cred, RH_STR("pass")), RH_PASSWORD_MISMATCH);
		cred.cost++;
		assert_int_equal(check(&cred, standard[i].password), RH_PASSWORD_MISMATCH);
	}
}

static void pbkdf2_dialects_match(void **state)
{
	static const struct vector vectors[] = {
		{"l\xc3\xa8tmein",
		 "pbkdf2_sha256$20000$seasalt2$Flpve/uAcyo6+IFI6YAhjeABGPVbRQjzHDxRhqxewgw=",
		 RH_DIALECT_PBKDF2_SHA256_DJANGO},
		{"l\xc3\xa8tmein",
		 "pbkdf2_sha1$20000$seasalt2$pJt86NmjAweBY1StBvxCu7l1o9o=", RH_DIALECT_SHAPE},
		{"password",
		 "$pbkdf2-sha256$1000$TmFDbE5hQ2xOYUNsTmFDbA$/"
		 "8df4tEV18KlGLQiQELzuBVaqC1RApUkjmK70Ip7YPQ",
		 RH_DIALECT_SHAPE},
		{"password",
		 "$pbkdf2-sha512$1000$TmFDbE5hQ2xOYUNsTmFDbA$W6giDL7nF2iOFI5.6A/"
		 "rXwjeNe3dUfXtSeHwdgBxGxo7"
		 "dPTWFafxcfgx.Th8EWqnizKjq82dLurk8uJBEeJ/Bw",
		 RH_DIALECT_SHAPE},
		{"password", "$pbkdf2$1000$TmFDbE5hQ2xOYUNsTmFDbA$nvcprZqBX3MtqfJx3GKWTOxQPNA",
		 RH_DIALECT_SHAPE},
		{"test",
		 "$pbkdf2-sha256$i=27500,l=64$VaXa3H3OJXXujl+cRg66HA$"
		 "G4pkQxlaYGLOqaO4wDUgItslxTtvcg3lv+"
		 "JihbYD2ccym7aDixYmCUf5L318TjrfMFZIxqwzrVjGTXUF5GGttA",
		 RH_DIALECT_SHAPE},
		{"Pa$$w0rd", "AOpHWX+WEzHPkznrDx904KLk8h2yCbTiiBYVdskTN/1ToeEupAlY8/zSsH33zUsjBg==",
		 RH_DIALECT_SHAPE},
		{"Pass123$",
		 "AQAAAAEAACcQAAAAEHRYpQZ06ZDGgeTZzxhGgU6Ri/KWiPOc76ss5mb5jSvernZoWu0jAm5wClljwcX/"
		 "CQ==",
		 RH_DIALECT_SHAPE},
		{"correct horse",
		 "$pbkdf2-sha256$i=1000,l=32$c2FsdHNhbHRzYWx0c2FsdA$"
		 "BBs+1+PaslLtBPULUr8/lQicvVuHiEPMz0i8MjLCbzM",
		 RH_DIALECT_SHAPE},
		{"correct horse",
		 "$pbkdf2-sha1$i=1000,l=20$c2FsdHNhbHRzYWx0c2FsdA$EUcKisx+yviAqdTmlEPmy+5ykUU",
		 RH_DIALECT_SHAPE},
		{"correct horse",
		 "$pbkdf2-sha512$i=1000,l=64$c2FsdHNhbHRzYWx0c2FsdA$EHLBej+"
		 "uEvxlmr0QnHnceg1vM6h1wbwSP5XE"
		 "rh3SmizNDWZsIi28RPGARe0EssjGRoiACzxgHjNvqwJY1zxKig",
		 RH_DIALECT_SHAPE},
		{"Kk4aPMeiaRpAs2OeX1NE",
		 "pbkdf2_sha1$1000$000102030405060708090a0b0c0d0e0f$"
		 "ca0c21d131200852177a1bca8f4f4cc91fe52fa0ba7baa2636d82a88983fe080",
		 RH_DIALECT_PBKDF2_SHA1},
		{"Kk4aPMeiaRpAs2OeX1NE",
		 "pbkdf2_sha256$1000$AAECAwQFBgcICQoLDA0ODw==$icpxz9ye83+"
		 "xaZFpAedjvL2hzjSEkSsfPmGPo0Ljqhg=",
		 RH_DIALECT_PBKDF2_SHA256},
		{"Kk4aPMeiaRpAs2OeX1NE",
		 "pbkdf2_sha256$1000$seasalt$+eYOGMa5QJX5jqQGVQ2umPAYxNI52VBx6ro9yAHjDQ4=",
		 RH_DIALECT_PBKDF2_SHA256_DJANGO},
		{"Kk4aPMeiaRpAs2OeX1NE",
		 "pbkdf2_sha512$1000$seasalt$"
		 "8da363208e84fcff86e514458bcd1a89c589a25d97addd1746a2754f8cc6"
		 "fd17e5163e971a244b4e010862069a9b2329e9ffab8d79e1da271fb7dc0f53de28f6",
		 RH_DIALECT_PBKDF2_SHA512},
		{"Kk4aPMeiaRpAs2OeX1NE",
		 "pbkdf2_sha512_hex$1000$000102030405060708090a0b0c0d0e0f$"
		 "94b2533d3d75efea29a51b7b7e562fe8"
		 "a7f7b9fa5f4715b46806d1882aec0bea94a602256267c55d8dbcfe740ee4e19ccc5f74c21a76accda"
		 "84ad57"
		 "35e4b8509",
		 RH_DIALECT_PBKDF2_SHA512_HEX},
	};
	static const struct vector costly[] = {
		{"correct horse",
		 "pbkdf2:sha256:260000$aBcDeFgHiJkLmNoP$"
		 "57ecae3c48151ddfcd5ae04d460812340fdde00691666b9403feb548534829a4",
		 RH_DIALECT_SHAPE},
		{"shh",
		 "$pbkdf2-sha512$i=100000,l=64$KNyFsA2rWoE$"
		 "I2CQGI9H0JxdDf3kERRI97kPCGxh0KWBIV3MxyaS191gDGf"
		 "zVBGyS4BibhgqWQ0/ails8mHuU9ckASxHOOq58w",
		 RH_DIALECT_SHAPE},
		{"correct horse",
		 "$pbkdf2-sha512$i=210000,l=64$AAECAwQFBgcICQoLDA0ODw$l4pqr0UVqxiWEnbGDBV//"
		 "hzeVcB7ZgsFnr5Z"
		 "+SZYIYjhXWCECCVC/oKM2WWMwBzQGCBfe2yb+20zK3Rr1rkPjg",
		 RH_DIALECT_SHAPE},
		{"Passw0rd!",
		 "$pbkdf2$i=210000,d=sha512$AQIDBAUGBwgJCgsMDQ4PEA$o4dLsxdwl6FQ+"
		 "4nphHpvfLuKkMI0so7CCBxiocID"
		 "YdF5/LMuBjPVHZQsjPB8gba5DbtZphhPT8vCsHABBBjhLw",
		 RH_DIALECT_SHAPE},
		{"Passw0rd!",
		 "pbkdf2_sha256$600000$S4ltStr1ngDjango$FKmfvh8cvURWEaHp33NIO3JQH8omY1vY+lccfm+"
		 "zKcY=",
		 RH_DIALECT_PBKDF2_SHA256_DJANGO},
		{"correct horse",
		 "$argon2id$v=19$m=7168,t=5,p=1$AAECAwQFBgcICQoLDA0ODw$"
		 "I9aBicNnH49yuiIjQJC85giAQWszITIjdobXf3FdYMg",
		 RH_DIALECT_ARGON2ID},
	};

	(void)state;
	CHECK(vectors);
	CHECK_COSTLY(costly);
}

static void what_costs_too_much_is_not_computed(void **state)
{
	static const char *const raws[] = {
		"$2b$17$abcdefghijklmnopqrstuu23JPZtHcGhwXSF41f93o/7vBdDut3Xu",
		/* The fourth vector of RFC 7914: r * N * 128 bytes are a gibibyte, four times what a check may take,
		 * whoever asks; so it is refused here, and the first three are computed above. */
		"$scrypt$ln=20,r=8,p=1$U29kaXVtQ2hsb3JpZGU$IQHLm2pRGq7L3b4Jz3D4gexWjVdKL/"
		"1Nq+XumCCtqkc",
		"$scrypt$ln=10,r=8,p=17$c2FsdA$IQHLm2pRGq7L3b4Jz3D4gexWjVdKL/1Nq+XumCCtqkc",
		"$scrypt$ln=62,r=1073741823,p=1$c2FsdA$IQHLm2pRGq7L3b4Jz3D4gexWjVdKL/1Nq+XumCCtqkc",
		"$argon2id$v=19$m=262145,t=1,p=1$c29tZXNhbHQ$"
		"CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		"$argon2id$v=19$m=262144,t=65,p=1$c29tZXNhbHQ$"
		"CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		"$argon2id$v=19$m=256,t=1,p=17$c29tZXNhbHQ$"
		"CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		"$pbkdf2-sha1$i=10000001,l=20$c2FsdA$AAECAwQFBgcICQoLDA0ODxAREhM",
		"$x-md5$pos=none,it=10000001$$AAECAwQFBgcICQoLDA0ODw",
		"$P$LsaltsaltRxaFvRrkynTitytVBZApo0",
		"$6$rounds=10000001$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/"
		"O817G3uBnIFNjnQJuesI68u4"
		"OTLiBFdcbYEdFCoEOfaS35inz1",
		"$y$jET$saltsaltsalt$WJhblAc/BKcuw1LHqgcyvlsjC8J4ha9Wl82.5/aQSy8",
		"$7$I6..../....SodiumChloride$6OIeehEnzbyu949sLkdyNyp6EorTTZ52ToM3ucR5RK7",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(raws) / sizeof(raws[0]); i++) {
		struct rh_credential cred = parse(raws[i], RH_DIALECT_SHAPE);

		if (check(&cred, RH_STR("password")) != RH_PASSWORD_UNCHECKABLE) {
			fail_msg("computed: %s", raws[i]);
		}
		assert_non_null(rh_password_excess(&cred));
		assert_false(rh_password_is_checkable(&cred));
	}
}

static void what_cannot_be_computed_is_said(void **state)
{
	static const struct vector vectors[] = {
		{NULL,
		 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", RH_DIALECT_HMAC_SHA256_UTF16},
		{NULL, "vendor#pool#client#ada", RH_DIALECT_EXTERNAL_POOL},
		{NULL, "$apr1$saltsalt$qjXMvbEw8oaL.CzflDtaK/", RH_DIALECT_SHAPE},
	};
	struct rh_credential absent = {.state = RH_CREDENTIAL_ABSENT};
	enum rh_password_result result;
	struct rh_err err;

	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		struct rh_credential cred = parse(vectors[i].raw, vectors[i].dialect);

		assert_int_equal(check(&cred, RH_STR("password")), RH_PASSWORD_UNCHECKABLE);
	}
	assert_int_equal(rh_password_check(&absent, RH_STR("x"), &result, &err), RH_EINTERNAL);
}

static bool go_on(void *context)
{
	unsigned *calls = context;

	(*calls)++;
	return false;
}

static void a_check_apart_says_the_same(void **state)
{
	static const struct {
		const char *raw;
		const char *password;
		enum rh_password_result result;
	} checks[] = {
		{"$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe", "a",
		 RH_PASSWORD_MATCH},
		{"$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe", "b",
		 RH_PASSWORD_MISMATCH},
		{"$2b$17$abcdefghijklmnopqrstuu23JPZtHcGhwXSF41f93o/7vBdDut3Xu", "a",
		 RH_PASSWORD_UNCHECKABLE},
	};
	struct rh_credential costly =
		parse("$2b$16$abcdefghijklmnopqrstuu23JPZtHcGhwXSF41f93o/7vBdDut3Xu",
		      RH_DIALECT_SHAPE);
	enum rh_password_result result = (enum rh_password_result)77;
	struct rh_err err;
	unsigned calls = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		struct rh_credential cred = parse(checks[i].raw, RH_DIALECT_SHAPE);

		assert_int_equal(rh_password_check_apart(&cred, rh_str_from(checks[i].password),
							 NULL, NULL, &result, &err),
				 RH_OK);
		assert_int_equal(result, checks[i].result);
	}
	/* seconds of work: given up at the first question */
	result = (enum rh_password_result)77;
	assert_int_equal(rh_password_check_apart(&costly, RH_STR("a"), go_on, &calls, &result,
						 &err),
			 RH_EINTERRUPTED);
	assert_int_equal(calls, 1);
	assert_int_equal(result, 77);
}

static void bcrypt_is_made(void **state)
{
	static const uint8_t salt[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
	struct rh_credential cred;
	struct rh_err err;
	char hash[64];

	(void)state;
	assert_int_equal(rh_password_bcrypt(RH_STR("correct horse"), salt, 4, hash, &err), RH_OK);
	assert_int_equal(strlen(hash), 60);
	assert_memory_equal(hash, "$2b$04$", 7);
	cred = parse(hash, RH_DIALECT_BCRYPT);
	assert_int_equal(cred.cost, 4);
	assert_int_equal(check(&cred, RH_STR("correct horse")), RH_PASSWORD_MATCH);
	assert_int_equal(check(&cred, RH_STR("correct hors")), RH_PASSWORD_MISMATCH);
	assert_int_equal(rh_password_bcrypt(RH_STR("x"), salt, 3, hash, &err), RH_EINVAL);
	assert_int_equal(rh_password_bcrypt(RH_STR("x"), salt, 16, hash, &err), RH_EINVAL);
	assert_int_equal(rh_password_bcrypt(RH_STR("x\0y"), salt, 4, hash, &err), RH_EINVAL);
}

static void out_of_memory_is_an_error(void **state)
{
	struct rh_credential cred =
		parse("$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
		      RH_DIALECT_BCRYPT);
	enum rh_password_result result;
	struct rh_err err;
	int rc = RH_ENOMEM;

	(void)state;
	for (uint64_t n = 1; rc != RH_OK; n++) {
		assert_true(n < 20);
		result = (enum rh_password_result)77;
		rh_alloc_fail_from(n);
		rc = rh_password_check(&cred, RH_STR("U*U"), &result, &err);
		rh_alloc_fail_from(0);
		assert_int_equal(rc == RH_OK ? RH_ENOMEM : rc, RH_ENOMEM);
		assert_int_equal(result, rc == RH_OK ? RH_PASSWORD_MATCH : 77);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bcrypt_vectors_match),
		cmocka_unit_test(bcrypt_counts_72_bytes_and_no_nul),
		cmocka_unit_test(a_pepper_follows_the_password),
		cmocka_unit_test(argon2_vectors_match),
		cmocka_unit_test(scrypt_vectors_match),
		cmocka_unit_test(firebase_vectors_match),
		cmocka_unit_test(pbkdf2_vectors_match),
		cmocka_unit_test(pbkdf2_dialects_match),
		cmocka_unit_test(what_costs_too_much_is_not_computed),
		cmocka_unit_test(what_cannot_be_computed_is_said),
		cmocka_unit_test(a_check_apart_says_the_same),
		cmocka_unit_test(bcrypt_is_made),
		cmocka_unit_test(out_of_memory_is_an_error),
	};

	return cmocka_run_group_tests_name("crypto/password", tests, setup, teardown);
}
