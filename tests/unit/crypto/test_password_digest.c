/* SPDX-License-Identifier: Apache-2.0 */
/* Digests of salt and password, keyed, repeated, wrapped, and crypt(3): published vectors, right and wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "password_support.h"

#define MD5_HEX "5f4dcc3b5aa765d61d8327deb882cf99"
#define SHA256_HEX "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8"

static void digest_vectors_match(void **state)
{
	static const struct vector vectors[] = {
		{"password", MD5_HEX, RH_DIALECT_MD5},
		{"password", SHA256_HEX, RH_DIALECT_SHA256},
		{"Kk4aPMeiaRpAs2OeX1NE", "c2df41f5f40feb0f8a0bf9088a85149b", RH_DIALECT_MD5},
		{"Kk4aPMeiaRpAs2OeX1NE",
		 "3ef6a03adecbc4cdb53d7cff60c8f7009a8e26462099fd75fb46aac85fd3c333",
		 RH_DIALECT_SHA256},
		/* salt before and behind: the form does not say which, so both fit */
		{"password", "salt$67a1e09bb1f83f5007dc119c14d663aa", RH_DIALECT_MD5_SALTED},
		{"password", "salt$b305cadbb3bce54f3aa59c64fec00dea", RH_DIALECT_MD5_SALTED},
		{"password",
		 "salt$13601bda4ea78e55a07b98866d2be6be0744e3866f13c00c811cab608a28f322",
		 RH_DIALECT_SHA256_SALTED},
		{"password",
		 "salt$7a37b85c8918eac19a9089c0fa5a2ab4dce3f90528dcdeec108b23ddf3607b99",
		 RH_DIALECT_SHA256_SALTED},
		{"shh", "abc123$d24e794fce503c3ddb1cd1ba1dd5d9b250cf9917336a0316fefd87fecf79200f",
		 RH_DIALECT_SHA256_SALTED},
		{"l\xc3\xa8tmein", "sha1$seasalt$cff36ea83f5706ce9aa7454e63e431fc726b2dc8",
		 RH_DIALECT_SHAPE},
		{"l\xc3\xa8tmein", "md5$seasalt$3f86d0d3d465b7b458c231bf3555c0e3",
		 RH_DIALECT_SHAPE},
		{"correct horse",
		 "{SSHA}NSZEu/ZzEMKdBO5ESNEYml3qKRYBAgMEBQYHCA==", RH_DIALECT_LDAP_SSHA},
		{"correct horse",
		 "{SSHA256}CFsq5JPfiBQ0W3uR5Dnao+9mknEq9a739V+FPkJ6yjABAgMEBQYHCA==",
		 RH_DIALECT_SHAPE},
		{"correct horse",
		 "{SSHA512}ggObOJHDWCqgI5uFv/j9yDNYMvdTgt+Toj8d6cGrSG/"
		 "e+E9GbH4DkQ8y5jY3NblhoGens+zNVX1mZa"
		 "Fy0qwRwwECAwQFBgcI",
		 RH_DIALECT_SHAPE},
		{"correct horse", "{SMD5}vPjZQdkpEUFwnJ1WNg63FAECAwQFBgcI", RH_DIALECT_SHAPE},
		{"Passw0rd!", "{SSHA}E756HsGlR8p9PEzXKax958nMRGEBAgMEBQYHCA==", RH_DIALECT_SHAPE},
		{"Passw0rd!", "{SSHA256}nMMamlSfVPt7TfYpbtp12PspprVUjUmrXoKoEHYnPjkBAgMEBQYHCA==",
		 RH_DIALECT_SHAPE},
		{"Kk4aPMeiaRpAs2OeX1NE",
		 "{SSHA}Z8zh8IeFhId7rJoLB8jD00JU5IYAAQIDBAUGBw==", RH_DIALECT_LDAP_SSHA},
	};

	(void)state;
	CHECK(vectors);
}

static void digests_with_a_place_match_there_only(void **state)
{
	static const struct {
		enum rh_scheme scheme;
		enum rh_salt_place place;
		const char *hex;
	} digests[] = {
		{RH_SCHEME_MD5, RH_SALT_NONE, MD5_HEX},
		{RH_SCHEME_SHA1, RH_SALT_NONE, "5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8"},
		{RH_SCHEME_SHA256, RH_SALT_NONE, SHA256_HEX},
		{RH_SCHEME_SHA512, RH_SALT_NONE,
		 "b109f3bbbc244eb82441917ed06d618b9008dd09b3befd1b5e07394c706a8bb980b1d7785e5976ec0"
		 "49b46df"
		 "5f1326af5a2ea6d103fd07c95385ffab0cacbc86"},
		{RH_SCHEME_MD5, RH_SALT_PREFIX, "67a1e09bb1f83f5007dc119c14d663aa"},
		{RH_SCHEME_MD5, RH_SALT_SUFFIX, "b305cadbb3bce54f3aa59c64fec00dea"},
		{RH_SCHEME_SHA1, RH_SALT_PREFIX, "59b3e8d637cf97edbe2384cf59cb7453dfe30789"},
		{RH_SCHEME_SHA1, RH_SALT_SUFFIX, "c88e9c67041a74e0357befdff93f87dde0904214"},
		{RH_SCHEME_SHA256, RH_SALT_PREFIX,
		 "13601bda4ea78e55a07b98866d2be6be0744e3866f13c00c811cab608a28f322"},
		{RH_SCHEME_SHA256, RH_SALT_SUFFIX,
		 "7a37b85c8918eac19a9089c0fa5a2ab4dce3f90528dcdeec108b23ddf3607b99"},
		{RH_SCHEME_SHA512, RH_SALT_PREFIX,
		 "2908d2c28dfc047741fc590a026ffade237ab2ba7e1266f010fe49bde548b5987a534a86655a0d17f"
		 "336588e"
		 "540cd66f67234b152bbb645b4bb85758a1325d64"},
		{RH_SCHEME_SHA512, RH_SALT_SUFFIX,
		 "fa6a2185b3e0a9a85ef41ffb67ef3c1fb6f74980f8ebf970e4e72e353ed9537d593083c201dfd6e43"
		 "e1c8a7a"
		 "ac2bc8dbb119c7dfb7d4b8f131111395bd70e97f"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(digests) / sizeof(digests[0]); i++) {
		for (int place = RH_SALT_NONE; place <= RH_SALT_UNKNOWN; place++) {
			if (place == RH_SALT_BOTH) {
				continue; /* with no second salt it is PREFIX */
			}
			struct rh_credential cred = {
				.state = RH_CREDENTIAL_PRESENT,
				.scheme = digests[i].scheme,
				.salt_place = (enum rh_salt_place)place,
				.cost = 1,
				.salt = RH_STR("salt"),
				.digest = unhex(digests[i].hex),
			};
			bool fits = place == (int)digests[i].place ||
				    (place == RH_SALT_UNKNOWN && digests[i].place != RH_SALT_NONE);

			assert_int_equal(check(&cred, RH_STR("password")),
					 fits ? RH_PASSWORD_MATCH : RH_PASSWORD_MISMATCH);
		}
	}
}

static void digests_can_be_repeated(void **state)
{
	/* the MD5 of the 16 bytes that are the MD5 of "saltpassword" */
	struct rh_credential cred = {
		.state = RH_CREDENTIAL_PRESENT,
		.scheme = RH_SCHEME_MD5,
		.salt_place = RH_SALT_PREFIX,
		.cost = 2,
		.salt = RH_STR("salt"),
		.digest = unhex("f1cecf018d7354d541f3ca90f8e812ea"),
	};

	(void)state;
	assert_int_equal(check(&cred, RH_STR("password")), RH_PASSWORD_MATCH);
	assert_int_equal(check(&cred, RH_STR("passwort")), RH_PASSWORD_MISMATCH);
	cred.cost = 1;
	assert_int_equal(check(&cred, RH_STR("password")), RH_PASSWORD_MISMATCH);
}

static void symfony_phpass_and_crypt_vectors_match(void **state)
{
	static const struct vector vectors[] = {
		{"correct horse",
		 "sha512_symfony$5000$saltsaltsalt$AsEfa4x9ekg6x5b7/"
		 "fVKI3GZiq90bO7y2K4r15bc8jmvXMAxp9URXx5U"
		 "+g5U3xVguqMh482YaXxW99QxPlOCbg==",
		 RH_DIALECT_SHA512_SYMFONY},
		{"password",
		 "sha512_symfony$1$$sQnzu7wkTrgkQZF+"
		 "0G1hi5AI3Qmzvv0bXgc5THBqi7mAsdd4Xll27ASbRt9fEyavWi6m0QP"
		 "9B8lThf+rDKy8hg==",
		 RH_DIALECT_SHA512_SYMFONY},
		{"test12345", "$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0", RH_DIALECT_PHPASS},
		{"password", "$P$6saltsaltRxaFvRrkynTitytVBZApo0", RH_DIALECT_PHPASS},
		{"password", "$H$6saltsaltRxaFvRrkynTitytVBZApo0", RH_DIALECT_PHPASS},
		{"password", "$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/", RH_DIALECT_SHAPE},
		{"password", "{CRYPT}$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/", RH_DIALECT_SHAPE},
		{"password", "$y$j9T$saltsaltsalt$WJhblAc/BKcuw1LHqgcyvlsjC8J4ha9Wl82.5/aQSy8",
		 RH_DIALECT_SHAPE},
		{"password",
		 "$7$C6..../....SodiumChloride$6OIeehEnzbyu949sLkdyNyp6EorTTZ52ToM3ucR5RK7",
		 RH_DIALECT_SHAPE},
		{"Hello world!", "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5",
		 RH_DIALECT_SHAPE},
		{"Hello world!",
		 "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/"
		 "O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCo"
		 "EOfaS35inz1",
		 RH_DIALECT_SHAPE},
	};
	struct rh_credential md5;

	(void)state;
	CHECK(vectors);

	/* phpass over "5f4dcc3b…", the hex MD5 of the password: the label alone tells the two apart */
	md5 = parse("$P$6saltsalt/7VuacYYEF6G9LnKR8F1J1", RH_DIALECT_PHPASS_MD5);
	assert_int_equal(check(&md5, RH_STR("password")), RH_PASSWORD_MATCH);
	assert_int_equal(check(&md5, RH_STR(MD5_HEX)), RH_PASSWORD_MISMATCH);
	md5 = parse("$P$6saltsalt/7VuacYYEF6G9LnKR8F1J1", RH_DIALECT_PHPASS);
	assert_int_equal(check(&md5, RH_STR("password")), RH_PASSWORD_MISMATCH);
	assert_int_equal(check(&md5, RH_STR(MD5_HEX)), RH_PASSWORD_MATCH);
}

/* Made with other implementations than ours: CPython's hashlib, and the example that hashcat publishes for $S$. */
static void wrapped_keyed_and_transcoded_vectors_match(void **state)
{
	static const struct vector vectors[] = {
		{"hashcat", "$S$C33783772bRXEx1aCsvY.dqgaaSu76XmVlKrW9Qu8IQlvxHlmzLf",
		 RH_DIALECT_SHAPE},
		{"correct horse", "$S$8saltsalt1JT4rcRQtTjBaU3e5LbA81SVFdzrQJzk/L28r39Pz80",
		 RH_DIALECT_SHAPE},
		{"correct horse", "$wp$2y$04$abcdefghijklmnopqrstuujv/86KBUqWwIdPp0uRATkCcvgptl1Pm",
		 RH_DIALECT_SHAPE},
		{" correct horse\n",
		 "$wp$2y$04$abcdefghijklmnopqrstuujv/86KBUqWwIdPp0uRATkCcvgptl1Pm",
		 RH_DIALECT_SHAPE},
		{"shh",
		 "{SSHA384}/"
		 "cgEjdoZh85DhurDeOQEMO1rMlAur93SVPbYe5XSD4lF7nNuvrBju5hUeg9A6agRemgSXGl5YuE=",
		 RH_DIALECT_SHAPE},
		{"The quick brown fox jumps over the lazy dog",
		 "$x-hmac-md5$k=a2V5,pos=none$$gAcHE0Y+d0m5DC3CSRHidQ", RH_DIALECT_SHAPE},
		{"The quick brown fox jumps over the lazy dog",
		 "$x-hmac-sha1$k=a2V5,pos=none$$3nybhbi3iqa8ino29wqQcBydtNk", RH_DIALECT_SHAPE},
		{"The quick brown fox jumps over the lazy dog",
		 "$x-hmac-sha256$k=a2V5,pos=none$$97yD9DBThCSxMpjmqm+xQ+9NWaFJRhdZl0edvC0aPNg",
		 RH_DIALECT_SHAPE},
		{"test", "$x-hmac-sha1$k=c2ho,pos=none$$cg7f42jH39/2EaAU4wNd4s2lKIk",
		 RH_DIALECT_SHAPE},
		{"correct horse",
		 "$x-hmac-sha512$k=a2V5,pos=prefix$c2FsdA$iw9Op9jfvs6LtGaYX0IvrPq+"
		 "gMew0PCjN83sYNo906vq7yetvLiK2W/o3t2OQ2gV/MjM9HNgWJeuVz6pURyFCQ",
		 RH_DIALECT_SHAPE},
		{"correct horse",
		 "$x-hmac-sha256$k=a2V5,pos=unknown$c2FsdA$EJVGLOLmu6UhVJflAhjFf8J/fL/"
		 "mE9mpliN6dkxU3Bw",
		 RH_DIALECT_SHAPE},
		{"correct horse",
		 "$x-sha1$pos=both,it=1,s2=LS0$LS1zYWx0LS0$CKL5NU7u9PbSGi5tdx7oGx5HY1w",
		 RH_DIALECT_SHAPE},
		{"p\xc3\xa4\xf0\x9f\x98\x80",
		 "$x-sha256$pos=prefix,it=1,enc=utf16le$c2FsdA$Ow62bHDuuBILw/"
		 "uXThfO1Vb7PhIckboozrlhuXrHl9o",
		 RH_DIALECT_SHAPE},
		{"correct horse",
		 "{PBKDF2-HMAC-SHA256}1000:yRTMTwbMbo9G0VfjobWqerzuuxe7BETNTErBbKKumGQ"
		 "AAQIDBAUGBwgJCgsMDQ4P",
		 RH_DIALECT_SHAPE},
		{"correct horse",
		 "{PBKDF2_SHA256}"
		 "AAAIAAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4fICEiIyQlJicoKSorLC0u"
		 "LzAxMjM0NTY3ODk6Ozw9Pj+OPAdLOzcpJWTx02zJjQRiugrHvGn232hA5qzOdMxW5h0lp19XE3d25OTB+"
		 "hPE"
		 "pt7ei7iRsVau3fajhIwPe9P6Bq13NTOmNbVs0yotN8kFDlVSxPLEu00f2J+e9CVPF+ox+vIOTyLHh/"
		 "RA7JoQ"
		 "RTgF0e0/0q5X0CSqwa5I6pWjsA6jfqFN+uYeigLA4P7Y9PiZvtE1NLbsa/"
		 "Tir0KZopiGEq04cjKBjwco0icf"
		 "wCLfdSh4lu3hdAs/"
		 "IFT2z3Sp7sIUiWqy1gbvpi+9nJaUIBtMDcmGKIasqq9jApFrp9NckSRsGyyOw3pxHCiM"
		 "BvoBC4LeiRh27cCfx0KUFKfCUlGZ",
		 RH_DIALECT_SHAPE},
	};
	/* MD4 and NTLM, where OpenSSL has MD4 on this machine; else it says so */
	struct rh_credential md4 =
		parse("$x-md4$pos=none,it=1$$AbuUujgF0pPPkJPSFRTpmA", RH_DIALECT_SHAPE);
	struct rh_credential ntlm =
		parse("$x-md4$pos=none,it=1,enc=utf16le$$iEb36u6PsRetBr3YMLdYbA", RH_DIALECT_SHAPE);
	enum rh_password_result first = check(&md4, RH_STR("shh"));

	(void)state;
	CHECK(vectors);
	assert_true(first == RH_PASSWORD_MATCH || first == RH_PASSWORD_UNCHECKABLE);
	assert_int_equal(check(&ntlm, RH_STR("password")), first);
	assert_int_not_equal(check(&ntlm, RH_STR("Password")), RH_PASSWORD_MATCH);
	assert_int_not_equal(check(&ntlm, RH_STR("pass\xffword")), RH_PASSWORD_MATCH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digest_vectors_match),
		cmocka_unit_test(digests_with_a_place_match_there_only),
		cmocka_unit_test(digests_can_be_repeated),
		cmocka_unit_test(symfony_phpass_and_crypt_vectors_match),
		cmocka_unit_test(wrapped_keyed_and_transcoded_vectors_match),
	};

	return cmocka_run_group_tests_name("crypto/password_digest", tests, setup, teardown);
}
