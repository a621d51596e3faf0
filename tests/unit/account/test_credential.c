/* SPDX-License-Identifier: Apache-2.0 */
/* Reading password hashes: every shape, every dialect, bounds, placeholders, and the canonical text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "account/credential.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

#define HEX16 "000102030405060708090a0b0c0d0e0f"
#define SALT22 "abcdefghijklmnopqrstuu"
#define TAIL31 "23JPZtHcGhwXSF41f93o/7vBdDut3Xu"
#define BCRYPT(minor, cost) "$2" minor "$" cost "$" SALT22 TAIL31
#define SIGNER \
	"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw"
#define SIGNED \
	"Y1FULYEag1Kxy4Xo8dySwZm9SSyOwNsSSgADe5x/0pEZ2Ygabx632pj+I/BWRf/VFK+0ti8zu5tOKtm9MzCCRw"
#define WERKZEUG_KEY                                                                               \
	"216e6d41a6edbdd1b44f97749b929b14623e8f4be31c542484da60041a5dc63c2d371801b8e6a42feb17e136" \
	"a70849509588fa1066133cd7e21da35a348d7852"
#define KEY64 \
	"Y1FULYEag1Kxy4Xo8dySwZm9SSyOwNsSSgADe5x/0pEZ2Ygabx632pj+I/BWRf/VFK+0ti8zu5tOKtm9MzCCRw=="
#define KEY32 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
#define KEY20 "AAECAwQFBgcICQoLDA0ODxAREhM"

/* Two JSON texts inside a JSON object. */
#define JSON_CREDENTIAL(iterations, algorithm, parameters, salt, value)          \
	"{\"type\":\"password\",\"secretData\":\"{\\\"value\\\":\\\"" value      \
	"\\\",\\\"salt\\\":\\\"" salt "\\\",\\\"additionalParameters\\\":{}}\"," \
	"\"credentialData\":\"{\\\"hashIterations\\\":" iterations               \
	",\\\"algorithm\\\":\\\"" algorithm "\\\",\\\"additionalParameters\\\":" parameters "}\"}"

static struct rh_arena arena;

static int setup(void **state)
{
	(void)state;
	rh_arena_init(&arena, (size_t)16 << 20, RH_ARENA_WIPE);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	rh_arena_done(&arena);
	return 0;
}

static struct rh_credential parse_str(struct rh_str raw, enum rh_dialect dialect)
{
	struct rh_credential cred;

	assert_int_equal(rh_credential_parse(&arena, raw, RH_STR("label"), dialect, &cred), RH_OK);
	assert_ptr_equal(cred.raw.ptr, raw.ptr);
	assert_true(rh_str_is(cred.label, "label"));
	return cred;
}

static struct rh_credential parse(const char *raw, enum rh_dialect dialect)
{
	return parse_str(rh_str_from(raw), dialect);
}

/* A text, how it is labelled, and the canonical text that it must come to. */
struct reading {
	const char *raw;
	enum rh_dialect dialect;
	enum rh_scheme scheme;
	const char *canonical;
};

static void check_reading(const struct reading *reading)
{
	struct rh_credential cred = parse(reading->raw, reading->dialect);
	struct rh_credential again;
	rh_autobuf text = {0};

	rh_buf_init(&text, 4096);
	if (cred.state != RH_CREDENTIAL_PRESENT || cred.scheme != reading->scheme) {
		fail_msg("%s: %s, %s", reading->raw, rh_credential_state_name(cred.state),
			 rh_scheme_name(cred.scheme));
	}
	rh_credential_write(&text, &cred);
	assert_string_equal(text.ptr, reading->canonical);

	/* The canonical text is a shape of its own and says the same. */
	again = parse_str(rh_buf_str(&text), RH_DIALECT_SHAPE);
	assert_int_equal(again.state, RH_CREDENTIAL_PRESENT);
	assert_int_equal(again.scheme, cred.scheme);
	assert_int_equal(again.salt_place, cred.salt_place);
	assert_int_equal(again.bcrypt_minor, cred.bcrypt_minor);
	assert_int_equal(again.version, cred.version);
	assert_int_equal(again.cost, cred.cost);
	assert_int_equal(again.memory, cred.memory);
	assert_int_equal(again.parallelism, cred.parallelism);
	assert_true(again.salt.len == cred.salt.len &&
		    memcmp(again.salt.ptr ? again.salt.ptr : "", cred.salt.ptr ? cred.salt.ptr : "",
			   cred.salt.len) == 0);
	assert_true(rh_str_eq(again.digest, cred.digest));
	assert_true(rh_str_eq(again.key, cred.key));
	assert_true(rh_str_eq(again.sep, cred.sep));
	assert_true(rh_str_eq(again.salt2, cred.salt2));
	assert_int_equal(again.is_utf16, cred.is_utf16);
}

static void modular_forms_are_read(void **state)
{
	static const struct reading readings[] = {
		{BCRYPT("b", "10"), RH_DIALECT_SHAPE, RH_SCHEME_BCRYPT, BCRYPT("b", "10")},
		{BCRYPT("a", "04"), RH_DIALECT_BCRYPT, RH_SCHEME_BCRYPT, BCRYPT("a", "04")},
		{BCRYPT("y", "31"), RH_DIALECT_BCRYPT, RH_SCHEME_BCRYPT, BCRYPT("y", "31")},
		{BCRYPT("x", "05"), RH_DIALECT_SHAPE, RH_SCHEME_BCRYPT, BCRYPT("x", "05")},
		{"bcrypt$" BCRYPT("b", "12"), RH_DIALECT_BCRYPT, RH_SCHEME_BCRYPT,
		 BCRYPT("b", "12")},
		{"{bcrypt}" BCRYPT("a", "12"), RH_DIALECT_BCRYPT, RH_SCHEME_BCRYPT,
		 BCRYPT("a", "12")},
		{"{CRYPT}" BCRYPT("y", "12"), RH_DIALECT_SHAPE, RH_SCHEME_BCRYPT,
		 BCRYPT("y", "12")},
		{"bcrypt_sha256$" BCRYPT("b", "12"), RH_DIALECT_SHAPE, RH_SCHEME_BCRYPT_SHA256_HEX,
		 "$x-bcrypt-sha256hex$v=2b,r=12$" SALT22 "$" TAIL31},
		{"bcrypt_sha256$" BCRYPT("b", "12"), RH_DIALECT_BCRYPT_SHA256_DJANGO,
		 RH_SCHEME_BCRYPT_SHA256_HEX, "$x-bcrypt-sha256hex$v=2b,r=12$" SALT22 "$" TAIL31},
		{BCRYPT("a", "12") "$pep$per", RH_DIALECT_BCRYPT_PEPPERED,
		 RH_SCHEME_BCRYPT_PEPPERED,
		 "$x-bcrypt-pepper$v=2a,r=12,k=cGVwJHBlcg$" SALT22 "$" TAIL31},
		{BCRYPT("a", "12") "$pepper", RH_DIALECT_SHAPE, RH_SCHEME_BCRYPT_PEPPERED,
		 "$x-bcrypt-pepper$v=2a,r=12,k=cGVwcGVy$" SALT22 "$" TAIL31},
		{"$argon2id$v=19$m=64,t=4,p=8$c29tZXNhbHQ$" KEY32, RH_DIALECT_ARGON2ID,
		 RH_SCHEME_ARGON2ID, "$argon2id$v=19$m=64,t=4,p=8$c29tZXNhbHQ$" KEY32},
		{"$argon2i$m=65536,t=2,p=1$c29tZXNhbHQ$" KEY32, RH_DIALECT_ARGON2I,
		 RH_SCHEME_ARGON2I, "$argon2i$v=16$m=65536,t=2,p=1$c29tZXNhbHQ$" KEY32},
		{"$argon2d$v=19$t=2,m=65536,p=1$c29tZXNhbHQ=$" KEY32 "=", RH_DIALECT_SHAPE,
		 RH_SCHEME_ARGON2D, "$argon2d$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$" KEY32},
		{"argon2$argon2id$v=19$m=102400,t=2,p=8$c29tZXNhbHQ$" KEY32, RH_DIALECT_ARGON2ID,
		 RH_SCHEME_ARGON2ID, "$argon2id$v=19$m=102400,t=2,p=8$c29tZXNhbHQ$" KEY32},
		{"{ARGON2}$argon2i$v=19$m=64,t=4,p=8$c29tZXNhbHQ$" KEY32, RH_DIALECT_SHAPE,
		 RH_SCHEME_ARGON2I, "$argon2i$v=19$m=64,t=4,p=8$c29tZXNhbHQ$" KEY32},
		{"$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0", RH_DIALECT_PHPASS, RH_SCHEME_PHPASS,
		 "$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0"},
		{"$H$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0", RH_DIALECT_SHAPE, RH_SCHEME_PHPASS,
		 "$H$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0"},
		{"$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0", RH_DIALECT_PHPASS_MD5, RH_SCHEME_PHPASS_MD5,
		 "$x-phpass-md5$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0"},
		{"$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/", RH_DIALECT_SHAPE, RH_SCHEME_CRYPT,
		 "$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/"},
		{"{crypt}$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5",
		 RH_DIALECT_SHAPE, RH_SCHEME_CRYPT,
		 "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"},
		{"$apr1$saltsalt$qjXMvbEw8oaL.CzflDtaK/", RH_DIALECT_SHAPE, RH_SCHEME_CRYPT,
		 "$apr1$saltsalt$qjXMvbEw8oaL.CzflDtaK/"},
		{"vendor#eu-1_pool#client#ada", RH_DIALECT_EXTERNAL_POOL, RH_SCHEME_OPAQUE,
		 "$x-opaque$dmVuZG9yI2V1LTFfcG9vbCNjbGllbnQjYWRh"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(readings) / sizeof(readings[0]); i++) {
		check_reading(&readings[i]);
	}
}

static void scrypt_forms_are_read(void **state)
{
	static const struct reading readings[] = {
		{"$scrypt$ln=14,r=8,p=1$c2FsdA$" KEY32, RH_DIALECT_SHAPE, RH_SCHEME_SCRYPT,
		 "$scrypt$ln=14,r=8,p=1$c2FsdA$" KEY32},
		{"$scrypt$v=1$n=16384,r=16,p=1,kl=32$c2FsdA$" KEY32, RH_DIALECT_SHAPE,
		 RH_SCHEME_SCRYPT, "$scrypt$ln=14,r=16,p=1$c2FsdA$" KEY32},
		{"$s0$e0801$c2FsdA==$" KEY32 "=", RH_DIALECT_SHAPE, RH_SCHEME_SCRYPT,
		 "$scrypt$ln=14,r=8,p=1$c2FsdA$" KEY32},
		{"SCRYPT:1024:1:1:c2FsdA==:" KEY32 "=", RH_DIALECT_SHAPE, RH_SCHEME_SCRYPT,
		 "$scrypt$ln=10,r=1,p=1$c2FsdA$" KEY32},
		{"scrypt:32768:8:1$salt$" WERKZEUG_KEY, RH_DIALECT_SCRYPT_WERKZEUG,
		 RH_SCHEME_SCRYPT,
		 "$scrypt$ln=15,r=8,p=1$c2FsdA$IW5tQabtvdG0T5d0m5KbFGI+"
		 "j0vjHFQkhNpgBBpdxjwtNxgBuOakL+"
		 "sX4TanCElQlYj6EGYTPNfiHaNaNI14Ug"},
		{"scrypt:32768:8:1$salt$" KEY64, RH_DIALECT_SCRYPT_WERKZEUG, RH_SCHEME_SCRYPT,
		 "$scrypt$ln=15,r=8,p=1$c2FsdA$" SIGNED},
		{"scrypt$16384$salt$8$1$" KEY64, RH_DIALECT_SHAPE, RH_SCHEME_SCRYPT,
		 "$scrypt$ln=14,r=8,p=1$c2FsdA$" SIGNED},
		/* the salt is the text of the hex, not its bytes */
		{HEX16 ":"
		       "7034425e783148ac6ce2c4521177f6fc8ba611950b64145053bf3c4fbf26457865bbf1ea816"
		       "4754187"
		       "636d431114bca7374e96cf91409d23fbc0b086580d2442",
		 RH_DIALECT_BETTER_AUTH_SCRYPT, RH_SCHEME_SCRYPT,
		 "$scrypt$ln=14,r=16,p=1$MDAwMTAyMDMwNDA1MDYwNzA4MDkwYTBiMGMwZDBlMGY$"
		 "cDRCXngxSKxs4sRSEX"
		 "f2/IumEZULZBRQU788T78mRXhlu/HqgWR1QYdjbUMRFLynN06Wz5FAnSP7wLCGWA0kQg"},
		{SIGNED "==$c2FsdHNhbHQ=$" SIGNER "==$Bw==$8$14", RH_DIALECT_SCRYPT_FIREBASE,
		 RH_SCHEME_SCRYPT_FIREBASE,
		 "$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk=" SIGNER "==$c2FsdHNhbHQ=$" SIGNED "=="},
		{SIGNED "==$c2FsdHNhbHQ=$" SIGNER "==$$8$14", RH_DIALECT_SCRYPT_FIREBASE,
		 RH_SCHEME_SCRYPT_FIREBASE,
		 "$fbscrypt$v=1,n=14,r=8,p=1,ss=,sk=" SIGNER "==$c2FsdHNhbHQ=$" SIGNED "=="},
		{"$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk=" SIGNER "==$c2FsdHNhbHQ=$" SIGNED "==",
		 RH_DIALECT_SCRYPT_FIREBASE, RH_SCHEME_SCRYPT_FIREBASE,
		 "$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk=" SIGNER "==$c2FsdHNhbHQ=$" SIGNED "=="},
		{"$firebase-scrypt$v=1$r=8,m=14,ss=Bw,sk=" SIGNER "$c2FsdHNhbHQ$" SIGNED,
		 RH_DIALECT_SHAPE, RH_SCHEME_SCRYPT_FIREBASE,
		 "$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk=" SIGNER "==$c2FsdHNhbHQ=$" SIGNED "=="},
		{"$firebase-scrypt$hash=" SIGNED "==$salt=c2FsdHNhbHQ=$sk=" SIGNER
		 "==$ss=Bw==$r=8$m=14",
		 RH_DIALECT_SHAPE, RH_SCHEME_SCRYPT_FIREBASE,
		 "$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk=" SIGNER "==$c2FsdHNhbHQ=$" SIGNED "=="},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(readings) / sizeof(readings[0]); i++) {
		check_reading(&readings[i]);
	}
}

static void pbkdf2_forms_are_read(void **state)
{
	static const struct reading readings[] = {
		/* the same text is two hashes: labelled, its salt is base64; by shape it is Django's, text */
		{"pbkdf2_sha256$1000$AAECAwQFBgcICQoLDA0ODw==$" KEY32 "=", RH_DIALECT_PBKDF2_SHA256,
		 RH_SCHEME_PBKDF2_SHA256,
		 "$pbkdf2-sha256$i=1000,l=32$AAECAwQFBgcICQoLDA0ODw$" KEY32},
		{"pbkdf2_sha256$1000$seasalt2$" KEY32 "=", RH_DIALECT_PBKDF2_SHA256_DJANGO,
		 RH_SCHEME_PBKDF2_SHA256, "$pbkdf2-sha256$i=1000,l=32$c2Vhc2FsdDI$" KEY32},
		{"pbkdf2_sha256$1000$seasalt2$" KEY32 "=", RH_DIALECT_SHAPE,
		 RH_SCHEME_PBKDF2_SHA256, "$pbkdf2-sha256$i=1000,l=32$c2Vhc2FsdDI$" KEY32},
		{"pbkdf2_sha1$20000$seasalt2$" KEY20 "=", RH_DIALECT_SHAPE, RH_SCHEME_PBKDF2_SHA1,
		 "$pbkdf2-sha1$i=20000,l=20$c2Vhc2FsdDI$" KEY20},
		{"pbkdf2_sha1$1000$" HEX16 "$" HEX16 "00010203", RH_DIALECT_PBKDF2_SHA1,
		 RH_SCHEME_PBKDF2_SHA1,
		 "$pbkdf2-sha1$i=1000,l=20$AAECAwQFBgcICQoLDA0ODw$AAECAwQFBgcICQoLDA0ODwABAgM"},
		{"pbkdf2_sha1$1000$seasalt$" HEX16 "$16", RH_DIALECT_PBKDF2_SHA1,
		 RH_SCHEME_PBKDF2_SHA1,
		 "$pbkdf2-sha1$i=1000,l=16$c2Vhc2FsdA$AAECAwQFBgcICQoLDA0ODw"},
		{"pbkdf2_sha512$1000$abcd$" HEX16 HEX16 HEX16 HEX16, RH_DIALECT_PBKDF2_SHA512,
		 RH_SCHEME_PBKDF2_SHA512,
		 "$pbkdf2-sha512$i=1000,l=64$YWJjZA$"
		 "AAECAwQFBgcICQoLDA0ODwABAgMEBQYHCAkKCwwNDg8AAQIDBAUG"
		 "BwgJCgsMDQ4PAAECAwQFBgcICQoLDA0ODw"},
		{"pbkdf2_sha512$1000$abcd$" KEY64, RH_DIALECT_PBKDF2_SHA512,
		 RH_SCHEME_PBKDF2_SHA512, "$pbkdf2-sha512$i=1000,l=64$YWJjZA$" SIGNED},
		{"pbkdf2_sha512_hex$1000$abcd$" HEX16 HEX16 HEX16 HEX16,
		 RH_DIALECT_PBKDF2_SHA512_HEX, RH_SCHEME_PBKDF2_SHA512,
		 "$pbkdf2-sha512$i=1000,l=64$q80$"
		 "AAECAwQFBgcICQoLDA0ODwABAgMEBQYHCAkKCwwNDg8AAQIDBAUGBwgJ"
		 "CgsMDQ4PAAECAwQFBgcICQoLDA0ODw"},
		{"pbkdf2:sha256:260000$salt$" HEX16 HEX16, RH_DIALECT_SHAPE,
		 RH_SCHEME_PBKDF2_SHA256,
		 "$pbkdf2-sha256$i=260000,l=32$c2FsdA$AAECAwQFBgcICQoLDA0ODwABAgMEBQYHCAkKCwwNDg8"},
		{"$pbkdf2-sha256$1000$TmFDbE5hQ2xOYUNsTmFDbA$/"
		 "8df4tEV18KlGLQiQELzuBVaqC1RApUkjmK70Ip7YPQ",
		 RH_DIALECT_SHAPE, RH_SCHEME_PBKDF2_SHA256,
		 "$pbkdf2-sha256$i=1000,l=32$TmFDbE5hQ2xOYUNsTmFDbA$"
		 "/8df4tEV18KlGLQiQELzuBVaqC1RApUkjmK70Ip7YPQ"},
		{"$pbkdf2$1000$TmFDbE5hQ2xOYUNsTmFDbA$nvcprZqBX3MtqfJx3GKWTOxQPNA",
		 RH_DIALECT_SHAPE, RH_SCHEME_PBKDF2_SHA1,
		 "$pbkdf2-sha1$i=1000,l=20$TmFDbE5hQ2xOYUNsTmFDbA$nvcprZqBX3MtqfJx3GKWTOxQPNA"},
		{"$pbkdf2-sha512$i=100000,l=20$c2FsdA$" KEY20, RH_DIALECT_SHAPE,
		 RH_SCHEME_PBKDF2_SHA512, "$pbkdf2-sha512$i=100000,l=20$c2FsdA$" KEY20},
		{"$pbkdf2$i=210000,d=sha512$c2FsdA$" KEY20, RH_DIALECT_SHAPE,
		 RH_SCHEME_PBKDF2_SHA512, "$pbkdf2-sha512$i=210000,l=20$c2FsdA$" KEY20},
		{"{PBKDF2-SHA256}1000$c2FsdA$" KEY32, RH_DIALECT_SHAPE, RH_SCHEME_PBKDF2_SHA256,
		 "$pbkdf2-sha256$i=1000,l=32$c2FsdA$" KEY32},
		{"{PBKDF2}1000$c2FsdA$" KEY20, RH_DIALECT_SHAPE, RH_SCHEME_PBKDF2_SHA1,
		 "$pbkdf2-sha1$i=1000,l=20$c2FsdA$" KEY20},
		/* digest, then "salt" */
		{"{PBKDF2-HMAC-SHA1}1000:AAECAwQFBgcICQoLDA0ODxAREhNzYWx0", RH_DIALECT_SHAPE,
		 RH_SCHEME_PBKDF2_SHA1, "$pbkdf2-sha1$i=1000,l=20$c2FsdA$" KEY20},
		{"AOpHWX+WEzHPkznrDx904KLk8h2yCbTiiBYVdskTN/1ToeEupAlY8/zSsH33zUsjBg==",
		 RH_DIALECT_SHAPE, RH_SCHEME_PBKDF2_SHA1,
		 "$pbkdf2-sha1$i=1000,l=32$6kdZf5YTMc+TOesPH3Tgog$"
		 "5PIdsgm04ogWFXbJEzf9U6HhLqQJWPP80rB9981LIwY"},
		{"AQAAAAEAACcQAAAAEHRYpQZ06ZDGgeTZzxhGgU6Ri/KWiPOc76ss5mb5jSvernZoWu0jAm5wClljwcX/"
		 "CQ==",
		 RH_DIALECT_SHAPE, RH_SCHEME_PBKDF2_SHA256,
		 "$pbkdf2-sha256$i=10000,l=32$dFilBnTpkMaB5NnPGEaBTg$"
		 "kYvylojznO+rLOZm+Y0r3q52aFrtIwJucApZY8HF/wk"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(readings) / sizeof(readings[0]); i++) {
		check_reading(&readings[i]);
	}
}

static void digest_forms_are_read(void **state)
{
	static const struct reading readings[] = {
		{HEX16, RH_DIALECT_MD5, RH_SCHEME_MD5,
		 "$x-md5$pos=none,it=1$$AAECAwQFBgcICQoLDA0ODw"},
		{HEX16 HEX16, RH_DIALECT_SHA256, RH_SCHEME_SHA256,
		 "$x-sha256$pos=none,it=1$$AAECAwQFBgcICQoLDA0ODwABAgMEBQYHCAkKCwwNDg8"},
		{"sa$lt$" HEX16, RH_DIALECT_MD5_SALTED, RH_SCHEME_MD5,
		 "$x-md5$pos=unknown,it=1$c2EkbHQ$AAECAwQFBgcICQoLDA0ODw"},
		{"$" HEX16, RH_DIALECT_MD5_SALTED, RH_SCHEME_MD5,
		 "$x-md5$pos=none,it=1$$AAECAwQFBgcICQoLDA0ODw"},
		{"salt$" HEX16 HEX16, RH_DIALECT_SHA256_SALTED, RH_SCHEME_SHA256,
		 "$x-sha256$pos=unknown,it=1$c2FsdA$AAECAwQFBgcICQoLDA0ODwABAgMEBQYHCAkKCwwNDg8"},
		{"sha1$seasalt$" HEX16 "00010203", RH_DIALECT_SHAPE, RH_SCHEME_SHA1,
		 "$x-sha1$pos=prefix,it=1$c2Vhc2FsdA$AAECAwQFBgcICQoLDA0ODwABAgM"},
		{"md5$seasalt$" HEX16, RH_DIALECT_SHAPE, RH_SCHEME_MD5,
		 "$x-md5$pos=prefix,it=1$c2Vhc2FsdA$AAECAwQFBgcICQoLDA0ODw"},
		{"{SSHA}Z8zh8IeFhId7rJoLB8jD00JU5IYAAQIDBAUGBw==", RH_DIALECT_LDAP_SSHA,
		 RH_SCHEME_SHA1, "$x-sha1$pos=suffix,it=1$AAECAwQFBgc$Z8zh8IeFhId7rJoLB8jD00JU5IY"},
		{"Z8zh8IeFhId7rJoLB8jD00JU5IYAAQIDBAUGBw==", RH_DIALECT_LDAP_SSHA, RH_SCHEME_SHA1,
		 "$x-sha1$pos=suffix,it=1$AAECAwQFBgc$Z8zh8IeFhId7rJoLB8jD00JU5IY"},
		{"{ssha256}nMMamlSfVPt7TfYpbtp12PspprVUjUmrXoKoEHYnPjkBAgMEBQYHCA==",
		 RH_DIALECT_SHAPE, RH_SCHEME_SHA256,
		 "$x-sha256$pos=suffix,it=1$AQIDBAUGBwg$"
		 "nMMamlSfVPt7TfYpbtp12PspprVUjUmrXoKoEHYnPjk"},
		{"{SHA}" KEY20 "=", RH_DIALECT_SHAPE, RH_SCHEME_SHA1,
		 "$x-sha1$pos=none,it=1$$" KEY20},
		{"{SMD5}AAECAwQFBgcICQoLDA0OD3NhbHQ=", RH_DIALECT_SHAPE, RH_SCHEME_MD5,
		 "$x-md5$pos=suffix,it=1$c2FsdA$AAECAwQFBgcICQoLDA0ODw"},
		{"{SHA512}" KEY64, RH_DIALECT_SHAPE, RH_SCHEME_SHA512,
		 "$x-sha512$pos=none,it=1$$" SIGNED},
		{"sha512_symfony$5000$salt$" KEY64, RH_DIALECT_SHA512_SYMFONY,
		 RH_SCHEME_SYMFONY_SHA512, "$x-symfony-sha512$it=5000$c2FsdA$" SIGNED},
		{"sha512_symfony$1$$" KEY64, RH_DIALECT_SHAPE, RH_SCHEME_SYMFONY_SHA512,
		 "$x-symfony-sha512$it=1$$" SIGNED},
		{KEY32 "=", RH_DIALECT_HMAC_SHA256_UTF16, RH_SCHEME_HMAC_SHA256_UTF16,
		 "$x-hmac-sha256$enc=utf16le,pos=none$$" KEY32},
		{"$x-sha512$pos=suffix,it=20$c2FsdA$" SIGNED, RH_DIALECT_SHAPE, RH_SCHEME_SHA512,
		 "$x-sha512$pos=suffix,it=20$c2FsdA$" SIGNED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(readings) / sizeof(readings[0]); i++) {
		check_reading(&readings[i]);
	}
}

static void forms_of_directories_and_frameworks_are_read(void **state)
{
	static const struct reading readings[] = {
		{"$wp" BCRYPT("y", "10"), RH_DIALECT_SHAPE, RH_SCHEME_BCRYPT_SHA384,
		 "$wp" BCRYPT("y", "10")},
		{"$S$C33783772bRXEx1aCsvY.dqgaaSu76XmVlKrW9Qu8IQlvxHlmzLf", RH_DIALECT_SHAPE,
		 RH_SCHEME_PHPASS_SHA512,
		 "$S$C33783772bRXEx1aCsvY.dqgaaSu76XmVlKrW9Qu8IQlvxHlmzLf"},
		{"{SSHA384}/"
		 "cgEjdoZh85DhurDeOQEMO1rMlAur93SVPbYe5XSD4lF7nNuvrBju5hUeg9A6agRemgSXGl5YuE=",
		 RH_DIALECT_SHAPE, RH_SCHEME_SHA384,
		 "$x-sha384$pos=suffix,it=1$emgSXGl5YuE$/"
		 "cgEjdoZh85DhurDeOQEMO1rMlAur93SVPbYe5XSD4lF7nNuvrBju5hUeg9A6agR"},
		{"{x-ssha}Z8zh8IeFhId7rJoLB8jD00JU5IYAAQIDBAUGBw==", RH_DIALECT_SHAPE,
		 RH_SCHEME_SHA1, "$x-sha1$pos=suffix,it=1$AAECAwQFBgc$Z8zh8IeFhId7rJoLB8jD00JU5IY"},
		{JSON_CREDENTIAL("27500", "pbkdf2-sha256", "{}", "AAECAwQFBgcICQoLDA0ODw==", KEY64),
		 RH_DIALECT_SHAPE, RH_SCHEME_PBKDF2_SHA256,
		 "$pbkdf2-sha256$i=27500,l=64$AAECAwQFBgcICQoLDA0ODw$" SIGNED},
		{JSON_CREDENTIAL("5", "argon2",
				 "{\\\"type\\\":[\\\"id\\\"],\\\"version\\\":[\\\"1.3\\\"],"
				 "\\\"hashLength\\\":[\\\"32\\\"],\\\"memory\\\":[\\\"7168\\\"],"
				 "\\\"parallelism\\\":[\\\"1\\\"]}",
				 "AAECAwQFBgcICQoLDA0ODw==", KEY32 "="),
		 RH_DIALECT_SHAPE, RH_SCHEME_ARGON2ID,
		 "$argon2id$v=19$m=7168,t=5,p=1$AAECAwQFBgcICQoLDA0ODw$" KEY32},
		/* before 2019: flat */
		{"{\"hashedSaltedValue\":\"" KEY64 "\",\"salt\":\"AAECAwQFBgcICQoLDA0ODw==\","
		 "\"hashIterations\":20000,\"algorithm\":\"pbkdf2\"}",
		 RH_DIALECT_SHAPE, RH_SCHEME_PBKDF2_SHA1,
		 "$pbkdf2-sha1$i=20000,l=64$AAECAwQFBgcICQoLDA0ODw$" SIGNED},
		{"$x-hmac-sha256$k=a2V5,pos=suffix$c2FsdA$" KEY32, RH_DIALECT_SHAPE,
		 RH_SCHEME_HMAC_SHA256, "$x-hmac-sha256$k=a2V5,pos=suffix$c2FsdA$" KEY32},
		{"$x-sha1$pos=both,it=1,s2=LS0$LS0$" KEY20, RH_DIALECT_SHAPE, RH_SCHEME_SHA1,
		 "$x-sha1$pos=both,it=1,s2=LS0$LS0$" KEY20},
		{"$x-md4$pos=none,it=1,enc=utf16le$$AAECAwQFBgcICQoLDA0ODw", RH_DIALECT_SHAPE,
		 RH_SCHEME_MD4, "$x-md4$pos=none,it=1,enc=utf16le$$AAECAwQFBgcICQoLDA0ODw"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(readings) / sizeof(readings[0]); i++) {
		check_reading(&readings[i]);
	}
}

/* What is encrypted where it is stored is kept as it is, and is nothing that anybody could check. */
static void an_encrypted_column_is_opaque(void **state)
{
	static const char envelope[] = "{\"key_id\":\"9c0a\",\"alg\":\"aes-gcm-hkdf\",\"data\":"
				       "\"AAECAwQF\",\"nonce\":\"AAECAwQFBgcICQoL\"}";
	struct rh_credential cred = parse(envelope, RH_DIALECT_SHAPE);
	struct rh_credential again;
	rh_autobuf text = {0};

	(void)state;
	rh_buf_init(&text, 4096);
	assert_int_equal(cred.state, RH_CREDENTIAL_PRESENT);
	assert_int_equal(cred.scheme, RH_SCHEME_OPAQUE);
	assert_true(rh_str_is(cred.digest, envelope));
	rh_credential_write(&text, &cred);
	again = parse_str(rh_buf_str(&text), RH_DIALECT_SHAPE);
	assert_true(rh_str_is(again.digest, envelope));
}

struct verdict {
	const char *raw;
	enum rh_dialect dialect;
	enum rh_credential_state state;
};

static void check_verdicts(const struct verdict *verdicts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct rh_credential cred = parse(verdicts[i].raw, verdicts[i].dialect);

		if (cred.state != verdicts[i].state) {
			fail_msg("%s (dialect %d): %s, not %s", verdicts[i].raw,
				 (int)verdicts[i].dialect, rh_credential_state_name(cred.state),
				 rh_credential_state_name(verdicts[i].state));
		}
		assert_null(cred.digest.ptr);
		assert_null(cred.salt.ptr);
		assert_int_equal(cred.cost, 0);
	}
}

#define CHECK_VERDICTS(verdicts) check_verdicts(verdicts, sizeof(verdicts) / sizeof((verdicts)[0]))

static void placeholders_are_no_password(void **state)
{
	static const struct verdict verdicts[] = {
		{NULL, RH_DIALECT_SHAPE, RH_CREDENTIAL_ABSENT},
		{"", RH_DIALECT_BCRYPT, RH_CREDENTIAL_ABSENT},
		{"NULL", RH_DIALECT_SHAPE, RH_CREDENTIAL_ABSENT},
		{"!", RH_DIALECT_MD5, RH_CREDENTIAL_ABSENT},
		{"*", RH_DIALECT_SHAPE, RH_CREDENTIAL_ABSENT},
		{"UkVEQUNURUQ=", RH_DIALECT_SHAPE, RH_CREDENTIAL_REDACTED},
		{"UkVEQUNURUQ9PT0=", RH_DIALECT_SCRYPT_FIREBASE, RH_CREDENTIAL_REDACTED},
	};

	(void)state;
	CHECK_VERDICTS(verdicts);
}

static void shapes_that_say_too_little_are_not_guessed(void **state)
{
	static const struct verdict verdicts[] = {
		{HEX16, RH_DIALECT_SHAPE, RH_CREDENTIAL_UNRECOGNISED},
		{HEX16 "00010203", RH_DIALECT_SHAPE, RH_CREDENTIAL_UNRECOGNISED},
		{HEX16 HEX16, RH_DIALECT_SHAPE, RH_CREDENTIAL_UNRECOGNISED},
		{HEX16 HEX16 HEX16 HEX16, RH_DIALECT_SHAPE, RH_CREDENTIAL_UNRECOGNISED},
		{HEX16 ":" HEX16 HEX16 HEX16 HEX16, RH_DIALECT_SHAPE, RH_CREDENTIAL_UNRECOGNISED},
		{"salt$" HEX16, RH_DIALECT_SHAPE, RH_CREDENTIAL_UNRECOGNISED},
		{"pbkdf2_sha1$1000$abcd$" HEX16 "00010203", RH_DIALECT_SHAPE,
		 RH_CREDENTIAL_UNRECOGNISED},
		{"pbkdf2:sha256$salt$" HEX16 HEX16, RH_DIALECT_SHAPE, RH_CREDENTIAL_UNRECOGNISED},
		{"scrypt$16384$8$1$salt$" KEY64, RH_DIALECT_SHAPE, RH_CREDENTIAL_UNRECOGNISED},
	};

	(void)state;
	CHECK_VERDICTS(verdicts);
}

static void shapes_that_nobody_can_hold_are_unrecognised(void **state)
{
	static const struct verdict verdicts[] = {
		{"correct horse", RH_DIALECT_SHAPE, RH_CREDENTIAL_UNRECOGNISED},
		{"$2$10$" SALT22 TAIL31, RH_DIALECT_BCRYPT, RH_CREDENTIAL_UNRECOGNISED},
		{"$2b$31$short", RH_DIALECT_BCRYPT, RH_CREDENTIAL_UNRECOGNISED},
		{"$2b$10$" SALT22 "23JPZtHcGhwXSF41f93o/7vBdDut3X", RH_DIALECT_SHAPE,
		 RH_CREDENTIAL_UNRECOGNISED},
		{BCRYPT("b", "10") "\n", RH_DIALECT_SHAPE, RH_CREDENTIAL_UNRECOGNISED},
		{" " BCRYPT("b", "10"), RH_DIALECT_SHAPE, RH_CREDENTIAL_UNRECOGNISED},
		{BCRYPT("b", "10") "$", RH_DIALECT_SHAPE, RH_CREDENTIAL_UNRECOGNISED},
		{"md5$" BCRYPT("b", "10"), RH_DIALECT_SHAPE, RH_CREDENTIAL_UNRECOGNISED},
		{"$wp$" BCRYPT("y", "10"), RH_DIALECT_SHAPE, RH_CREDENTIAL_UNRECOGNISED},
		{"$S$DsaltsaltRxaFvRrkynTitytVBZApo0RxaFvRrkynTitytVBZAp", RH_DIALECT_SHAPE,
		 RH_CREDENTIAL_UNRECOGNISED},
		{"{\"key_id\":\"k\",\"alg\":\"aes-gcm-hkdf\"}", RH_DIALECT_SHAPE,
		 RH_CREDENTIAL_UNRECOGNISED},
		{"fakeHash:salt=abc:password=def", RH_DIALECT_SHAPE, RH_CREDENTIAL_UNRECOGNISED},
		{"{noop}secret", RH_DIALECT_SHAPE, RH_CREDENTIAL_UNRECOGNISED},
		{"{SSHA384}/cgEjdoZh85DhurDeOQEMO1rMlAur93SVPbYe5XSD4lF7nNuvrBju5hUeg9A6agR",
		 RH_DIALECT_SHAPE, RH_CREDENTIAL_UNRECOGNISED},
		{"{x-issha, 1024}Z8zh8IeFhId7rJoLB8jD00JU5IYAAQIDBAUGBw==", RH_DIALECT_SHAPE,
		 RH_CREDENTIAL_UNRECOGNISED},
		{"{PBKDF2_SHA256}AAAIAAABAgM=", RH_DIALECT_SHAPE, RH_CREDENTIAL_UNRECOGNISED},
		{"{\"credentialData\":\"{}\",\"secretData\":\"{}\"}", RH_DIALECT_SHAPE,
		 RH_CREDENTIAL_UNRECOGNISED},
		{"{\"credentialData\":7,\"secretData\":\"{\"}", RH_DIALECT_SHAPE,
		 RH_CREDENTIAL_UNRECOGNISED},
		{JSON_CREDENTIAL("27500", "bcrypt", "{}", "AAECAwQFBgcICQoLDA0ODw==", KEY32 "="),
		 RH_DIALECT_SHAPE, RH_CREDENTIAL_UNRECOGNISED},
		{"$x-hmac-sha256$pos=none$$" KEY32, RH_DIALECT_SHAPE, RH_CREDENTIAL_UNRECOGNISED},
		{"$x-hmac-sha384$k=AAAA,pos=none$$" KEY32, RH_DIALECT_SHAPE,
		 RH_CREDENTIAL_UNRECOGNISED},
		{"$x-sha256$pos=both,it=1$c2FsdA$" KEY32, RH_DIALECT_SHAPE,
		 RH_CREDENTIAL_UNRECOGNISED},
		{"$x-sha256$pos=prefix,it=1,s2=c2FsdA$c2FsdA$" KEY32, RH_DIALECT_SHAPE,
		 RH_CREDENTIAL_UNRECOGNISED},
		{"$x-sha256$pos=prefix,it=1,enc=latin1$c2FsdA$" KEY32, RH_DIALECT_SHAPE,
		 RH_CREDENTIAL_UNRECOGNISED},
		{"{SSHA}" KEY20 "=", RH_DIALECT_SHAPE, RH_CREDENTIAL_UNRECOGNISED},
		{"{SHA}Z8zh8IeFhId7rJoLB8jD00JU5IYAAQIDBAUGBw==", RH_DIALECT_SHAPE,
		 RH_CREDENTIAL_UNRECOGNISED},
		{"$argon2id$v=19$m=64,t=4,p=8,keyid=AA$c29tZXNhbHQ$" KEY32, RH_DIALECT_ARGON2ID,
		 RH_CREDENTIAL_UNRECOGNISED},
		{"$argon2id$v=19$m=64,t=4,p=8,data=AA$c29tZXNhbHQ$" KEY32, RH_DIALECT_SHAPE,
		 RH_CREDENTIAL_UNRECOGNISED},
		{"$argon2id$v=19$m=64,m=64,t=4,p=8$c29tZXNhbHQ$" KEY32, RH_DIALECT_SHAPE,
		 RH_CREDENTIAL_UNRECOGNISED},
		{"$argon2id$v=19$m=064,t=4,p=8$c29tZXNhbHQ$" KEY32, RH_DIALECT_SHAPE,
		 RH_CREDENTIAL_UNRECOGNISED},
		{"$argon2id$v=19$m=64,t=4,p=8$c29t ZXNhbHQ$" KEY32, RH_DIALECT_SHAPE,
		 RH_CREDENTIAL_UNRECOGNISED},
		{"$pbkdf2-md4$i=1000,l=20$c2FsdA$" KEY20, RH_DIALECT_SHAPE,
		 RH_CREDENTIAL_UNRECOGNISED},
		{"$pbkdf2-sha1$i=1000,l=21$c2FsdA$" KEY20, RH_DIALECT_SHAPE,
		 RH_CREDENTIAL_UNRECOGNISED},
		{"$scrypt$v=1$n=16384,r=8,p=1,kl=64$c2FsdA$" KEY32, RH_DIALECT_SHAPE,
		 RH_CREDENTIAL_UNRECOGNISED},
		{"sha512_symfony$5000$sa{lt$" KEY64, RH_DIALECT_SHA512_SYMFONY,
		 RH_CREDENTIAL_UNRECOGNISED},
		/* hash and salt in each other's place: their lengths give it away */
		{"c2FsdHNhbHQ=$" SIGNED "==$" SIGNER "==$Bw==$8$14", RH_DIALECT_SCRYPT_FIREBASE,
		 RH_CREDENTIAL_UNRECOGNISED},
		{"vendor#pool##ada", RH_DIALECT_EXTERNAL_POOL, RH_CREDENTIAL_UNRECOGNISED},
	};

	(void)state;
	CHECK_VERDICTS(verdicts);
}

static void a_label_that_contradicts_the_shape_is_told(void **state)
{
	static const struct verdict verdicts[] = {
		{"$argon2id$v=19$m=64,t=4,p=8$c29tZXNhbHQ$" KEY32, RH_DIALECT_BCRYPT,
		 RH_CREDENTIAL_MISLABELLED},
		{"$argon2id$v=19$m=64,t=4,p=8$c29tZXNhbHQ$" KEY32, RH_DIALECT_ARGON2I,
		 RH_CREDENTIAL_MISLABELLED},
		{"$argon2id$v=19$m=1,t=4,p=8$c29tZXNhbHQ$" KEY32, RH_DIALECT_BCRYPT,
		 RH_CREDENTIAL_MISLABELLED},
		{BCRYPT("b", "10"), RH_DIALECT_ARGON2ID, RH_CREDENTIAL_MISLABELLED},
		{BCRYPT("b", "10"), RH_DIALECT_BCRYPT_PEPPERED, RH_CREDENTIAL_MISLABELLED},
		{BCRYPT("b", "10"), RH_DIALECT_PHPASS_MD5, RH_CREDENTIAL_MISLABELLED},
		{"bcrypt_sha256$" BCRYPT("b", "12"), RH_DIALECT_BCRYPT, RH_CREDENTIAL_MISLABELLED},
		{"sha1$seasalt$" HEX16 "00010203", RH_DIALECT_LDAP_SSHA, RH_CREDENTIAL_MISLABELLED},
		{"md5$seasalt$" HEX16, RH_DIALECT_MD5_SALTED, RH_CREDENTIAL_MISLABELLED},
		/* the label says base64, the salt cannot be */
		{"pbkdf2_sha256$1000$se!salt2$" KEY32 "=", RH_DIALECT_PBKDF2_SHA256,
		 RH_CREDENTIAL_MISLABELLED},
		{"pbkdf2_sha1$1000$seasalt$" KEY20 "=", RH_DIALECT_PBKDF2_SHA256_DJANGO,
		 RH_CREDENTIAL_MISLABELLED},
		{"$pbkdf2-sha512$i=1000,l=20$c2FsdA$" KEY20, RH_DIALECT_PBKDF2_SHA512,
		 RH_CREDENTIAL_MISLABELLED},
		/* hex of some digest's length */
		{HEX16 HEX16, RH_DIALECT_MD5, RH_CREDENTIAL_MISLABELLED},
		{HEX16 "00010203", RH_DIALECT_BCRYPT, RH_CREDENTIAL_MISLABELLED},
		{HEX16 ":" HEX16 HEX16 HEX16 HEX16, RH_DIALECT_BCRYPT, RH_CREDENTIAL_MISLABELLED},
	};
	struct rh_credential cred;

	(void)state;
	CHECK_VERDICTS(verdicts);
	cred = parse(verdicts[0].raw, verdicts[0].dialect);
	assert_int_equal(cred.scheme, RH_SCHEME_ARGON2ID);
}

static void parameters_have_bounds(void **state)
{
	static const struct verdict verdicts[] = {
		{BCRYPT("b", "03"), RH_DIALECT_BCRYPT, RH_CREDENTIAL_OUT_OF_RANGE},
		{BCRYPT("b", "32"), RH_DIALECT_SHAPE, RH_CREDENTIAL_OUT_OF_RANGE},
		{BCRYPT("a", "32") "$pepper", RH_DIALECT_SHAPE, RH_CREDENTIAL_OUT_OF_RANGE},
		{"$argon2id$v=18$m=64,t=4,p=8$c29tZXNhbHQ$" KEY32, RH_DIALECT_SHAPE,
		 RH_CREDENTIAL_OUT_OF_RANGE},
		{"$argon2id$v=19$m=4294967297,t=4,p=8$c29tZXNhbHQ$" KEY32, RH_DIALECT_ARGON2ID,
		 RH_CREDENTIAL_OUT_OF_RANGE},
		{"$argon2id$v=19$m=63,t=4,p=8$c29tZXNhbHQ$" KEY32, RH_DIALECT_ARGON2ID,
		 RH_CREDENTIAL_OUT_OF_RANGE},
		{"$argon2id$v=19$m=64,t=0,p=8$c29tZXNhbHQ$" KEY32, RH_DIALECT_ARGON2ID,
		 RH_CREDENTIAL_OUT_OF_RANGE},
		{"$argon2id$v=19$m=64,t=4,p=8$$" KEY32, RH_DIALECT_ARGON2ID,
		 RH_CREDENTIAL_OUT_OF_RANGE},
		{"$argon2id$v=19$m=64,t=4,p=8$c29tZXNhbHQ$", RH_DIALECT_ARGON2ID,
		 RH_CREDENTIAL_OUT_OF_RANGE},
		{"$scrypt$v=1$n=16385,r=8,p=1,kl=32$c2FsdA$" KEY32, RH_DIALECT_SHAPE,
		 RH_CREDENTIAL_OUT_OF_RANGE},
		{"$scrypt$ln=63,r=8,p=1$c2FsdA$" KEY32, RH_DIALECT_SHAPE,
		 RH_CREDENTIAL_OUT_OF_RANGE},
		{"$scrypt$ln=16,r=1,p=1$c2FsdA$" KEY32, RH_DIALECT_SHAPE,
		 RH_CREDENTIAL_OUT_OF_RANGE},
		{"$scrypt$ln=14,r=0,p=1$c2FsdA$" KEY32, RH_DIALECT_SHAPE,
		 RH_CREDENTIAL_OUT_OF_RANGE},
		{"$scrypt$ln=14,r=32768,p=32768$c2FsdA$" KEY32, RH_DIALECT_SHAPE,
		 RH_CREDENTIAL_OUT_OF_RANGE},
		{"$s0$ffff0801$c2FsdA$" KEY32, RH_DIALECT_SHAPE, RH_CREDENTIAL_OUT_OF_RANGE},
		{"$scrypt$ln=14,r=8,p=1$c2FsdA$AAAA", RH_DIALECT_SHAPE, RH_CREDENTIAL_OUT_OF_RANGE},
		{"$pbkdf2-sha1$i=0,l=20$c2FsdA$" KEY20, RH_DIALECT_SHAPE,
		 RH_CREDENTIAL_OUT_OF_RANGE},
		{"$pbkdf2-sha1$i=99999999999999999999999,l=20$c2FsdA$" KEY20, RH_DIALECT_SHAPE,
		 RH_CREDENTIAL_OUT_OF_RANGE},
		{"sha512_symfony$0$salt$" KEY64, RH_DIALECT_SHA512_SYMFONY,
		 RH_CREDENTIAL_OUT_OF_RANGE},
		{JSON_CREDENTIAL("99999999999", "pbkdf2", "{}", "AAECAwQFBgcICQoLDA0ODw==", KEY64),
		 RH_DIALECT_SHAPE, RH_CREDENTIAL_OUT_OF_RANGE},
		{"$S$z3783772bRXEx1aCsvY.dqgaaSu76XmVlKrW9Qu8IQlvxHlmzLfx", RH_DIALECT_SHAPE,
		 RH_CREDENTIAL_OUT_OF_RANGE},
		{"$P$.IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0", RH_DIALECT_PHPASS,
		 RH_CREDENTIAL_OUT_OF_RANGE},
	};
	struct rh_credential cred;

	(void)state;
	CHECK_VERDICTS(verdicts);
	cred = parse(verdicts[0].raw, verdicts[0].dialect);
	assert_int_equal(cred.scheme, RH_SCHEME_BCRYPT);
}

static void nul_and_broken_bytes_are_bytes(void **state)
{
	static const char with_nul[] =
		"$2b$10$abcdefghijklmnopqrst\0u23JPZtHcGhwXSF41f93o/7vBdDut3Xuu";
	struct rh_credential cred;

	(void)state;
	cred = parse_str((struct rh_str){.ptr = with_nul, .len = 60}, RH_DIALECT_SHAPE);
	assert_int_equal(cred.state, RH_CREDENTIAL_UNRECOGNISED);
	cred = parse("scrypt:16384:8:1$\xff\xfe$" WERKZEUG_KEY, RH_DIALECT_SHAPE);
	assert_int_equal(cred.state, RH_CREDENTIAL_PRESENT);
	assert_int_equal(cred.salt.len, 2);
}

static void out_of_memory_is_an_error_not_a_verdict(void **state)
{
	static const struct reading readings[] = {
		{BCRYPT("b", "10"), RH_DIALECT_BCRYPT, RH_SCHEME_BCRYPT, NULL},
		{"pbkdf2_sha256$1000$AAECAwQFBgcICQoLDA0ODw==$" KEY32 "=", RH_DIALECT_PBKDF2_SHA256,
		 RH_SCHEME_PBKDF2_SHA256, NULL},
		{SIGNED "==$c2FsdHNhbHQ=$" SIGNER "==$Bw==$8$14", RH_DIALECT_SCRYPT_FIREBASE,
		 RH_SCHEME_SCRYPT_FIREBASE, NULL},
		{"salt$" HEX16, RH_DIALECT_MD5_SALTED, RH_SCHEME_MD5, NULL},
		{JSON_CREDENTIAL("27500", "pbkdf2", "{}", "AAECAwQFBgcICQoLDA0ODw==", KEY64),
		 RH_DIALECT_SHAPE, RH_SCHEME_PBKDF2_SHA1, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(readings) / sizeof(readings[0]); i++) {
		size_t max = 0;
		int rc = RH_ENOMEM;

		/* One byte more at each try: every allocation on the way fails once. */
		for (; rc != RH_OK; max++) {
			struct rh_credential cred = {.cost = 77};
			struct rh_arena small;

			assert_true(max < 2000);
			rh_arena_init(&small, max, RH_ARENA_PLAIN);
			rc = rh_credential_parse(&small, rh_str_from(readings[i].raw),
						 RH_STR_ABSENT, readings[i].dialect, &cred);
			if (rc == RH_OK) {
				assert_int_equal(cred.state, RH_CREDENTIAL_PRESENT);
				assert_int_equal(cred.scheme, readings[i].scheme);
			} else {
				assert_int_equal(rc, RH_ENOMEM);
				assert_int_equal(cred.cost, 77);
			}
			rh_arena_done(&small);
		}
		assert_true(max > 1);
	}
}

static void schemes_and_states_have_names(void **state)
{
	(void)state;
	for (int i = RH_SCHEME_NONE; i <= RH_SCHEME_OPAQUE; i++) {
		assert_int_equal(rh_scheme_find(rh_str_from(rh_scheme_name((enum rh_scheme)i))), i);
		for (int j = RH_SCHEME_NONE; j < i; j++) {
			assert_string_not_equal(rh_scheme_name((enum rh_scheme)i),
						rh_scheme_name((enum rh_scheme)j));
		}
	}
	for (int i = RH_CREDENTIAL_ABSENT; i <= RH_CREDENTIAL_OUT_OF_RANGE; i++) {
		for (int j = RH_CREDENTIAL_ABSENT; j < i; j++) {
			assert_string_not_equal(
				rh_credential_state_name((enum rh_credential_state)i),
				rh_credential_state_name((enum rh_credential_state)j));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(modular_forms_are_read),
		cmocka_unit_test(scrypt_forms_are_read),
		cmocka_unit_test(pbkdf2_forms_are_read),
		cmocka_unit_test(digest_forms_are_read),
		cmocka_unit_test(forms_of_directories_and_frameworks_are_read),
		cmocka_unit_test(an_encrypted_column_is_opaque),
		cmocka_unit_test(placeholders_are_no_password),
		cmocka_unit_test(shapes_that_say_too_little_are_not_guessed),
		cmocka_unit_test(shapes_that_nobody_can_hold_are_unrecognised),
		cmocka_unit_test(a_label_that_contradicts_the_shape_is_told),
		cmocka_unit_test(parameters_have_bounds),
		cmocka_unit_test(nul_and_broken_bytes_are_bytes),
		cmocka_unit_test(out_of_memory_is_an_error_not_a_verdict),
		cmocka_unit_test(schemes_and_states_have_names),
	};

	return cmocka_run_group_tests_name("account/credential", tests, setup, teardown);
}
