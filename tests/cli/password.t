#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# rehome password: published vectors through the whole tool, right and wrong; what is said; what is never shown.
# shellcheck disable=SC2154 # some variables are set by what is sourced
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/tap.bash"

# feeds HASH ARGUMENT...: the tool with the hash on standard input.
feeds() {
	local hash=$1
	shift
	printf '%s\n' "$hash" | "$REHOME" "$@" >"$work/out" 2>"$work/err"
	code=$?
}

# fits NAME PASSWORD HASH READ [OPTION...]: it fits, read so (a part of what is printed); one letter more does not.
fits() {
	local name=$1 password=$2 hash=$3 read=$4
	shift 4
	printf '%s' "$password" >right
	printf '%sx' "$password" >wrong
	feeds "$hash" password check --password @right "$@"
	# Of the short ones, which are words of any page, nothing can be said.
	[ "$code" -eq 0 ] && grep -qF -- "$read" out && { [ ${#password} -lt 9 ] || ! grep -qF -- "$password" out err; }
	verdict "$name: fits"
	feeds "$hash" password check --password @wrong "$@"
	[ "$code" -eq 1 ] && grep -qF 'does not fit' out
	verdict "$name: another password does not"
}

better=000102030405060708090a0b0c0d0e0f
better_key=7034425e783148ac6ce2c4521177f6fc8ba611950b64145053bf3c4fbf26457865bbf1ea8164754187636d431114bca7374e96cf91409d23fbc0b086580d2442
fits 'bcrypt B-9' a "\$2a\$06\$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe" 'bcrypt, by its own shape'
fits 'bcrypt under Django' 'lètmein' "bcrypt_sha256\$\$2b\$04\$CCCCCCCCCCCCCCCCCCCCC.3TTwpC5Bwj7ds9p/UadWA7yfctaiUsS" bcrypt-sha256-hex
fits argon2 test "\$argon2id\$v=19\$m=32,t=3,p=2\$SFVpOWJ0eXhjRzVkdGN1RQ\$RXnb8rh7LaDcn07xsssqqulZYXOM/EUCEFMVcAcyYVk" argon2id
fits 'PBKDF2 of Django' 'lètmein' "pbkdf2_sha256\$20000\$seasalt2\$Flpve/uAcyo6+IFI6YAhjeABGPVbRQjzHDxRhqxewgw=" 'by its own shape'
fits 'ASP.NET v2' 'Pa$$w0rd' AOpHWX+WEzHPkznrDx904KLk8h2yCbTiiBYVdskTN/1ToeEupAlY8/zSsH33zUsjBg== pbkdf2-sha1
fits 'JSON of two texts' test '{"secretData":"{\"value\":\"G4pkQxlaYGLOqaO4wDUgItslxTtvcg3lv+JihbYD2ccym7aDixYmCUf5L318TjrfMFZIxqwzrVjGTXUF5GGttA==\",\"salt\":\"VaXa3H3OJXXujl+cRg66HA==\"}","credentialData":"{\"hashIterations\":27500,\"algorithm\":\"pbkdf2-sha256\"}"}' pbkdf2-sha256
fits 'scrypt with a text salt' 'correct horse battery staple' "$better:$better_key" 'whose salt is the hex text'
fits 'the same in NFKC' 'Paſﬁ Å' "$better:6d5d9c5d397af472b90fef36f55fabdd65c8aff5fe0f5af1e9be1f231adcbc27461ffa724268702b6a270c53a4686299f12919b4264a05aa3d216d30a9aa128f" 'password in NFKC'
fits phpass test12345 "\$P\$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0" phpass
fits 'sha256-crypt' 'Hello world!' "\$5\$saltstring\$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5" crypt
fits 'SSHA512' 'correct horse' '{SSHA512}ggObOJHDWCqgI5uFv/j9yDNYMvdTgt+Toj8d6cGrSG/e+E9GbH4DkQ8y5jY3NblhoGens+zNVX1mZaFy0qwRwwECAwQFBgcI' sha512

# What no text says by itself: four parameters of a project, a salt in its own column, a key.
printf 'jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==' >signer
fits scrypt-firebase user1password 'lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==' \
	'scrypt-firebase, as the options say' --signer-key @signer --salt-separator Bw== --rounds 8 --mem-cost 14 --salt 42xEC+ixf3L2lw==
fits 'a salt behind' password b305cadbb3bce54f3aa59c64fec00dea 'behind the password' --scheme md5 --salt salt
fits 'a salt before' password 67a1e09bb1f83f5007dc119c14d663aa 'the text of the salt' --scheme md5 --salt salt
fits 'a salt in hex' password 67a1e09bb1f83f5007dc119c14d663aa 'decoded from hex' --scheme md5 --salt 73616c74
fits 'hmac' 'The quick brown fox jumps over the lazy dog' f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8 \
	hmac-sha256 --scheme hmac-sha256 --hmac-key key
fits 'scrypt of a column, url-safe text salt' 'averylongandunguessablepasswordwithlotsofrandominfooofisjoafasnr;,n2' \
	8dg6AaIWPfcLTQU7lb4H-CI49dHeqaBXfFE1ogb2qRQ= 'the text of the salt' --scheme scrypt --salt zKia-0BdIFKCzWbzXbj3qrhBnbiWNg== \
	--cost 32768 --rounds 8 --parallelism 1
fits 'r and p swapped' password 097f6197e1b41538f723e32aa7a68e8d76227d8e432ce5faa4882a913032db29 "r and p in each other's place" \
	--scheme scrypt --salt abc123 --cost 4096 --rounds 1 --parallelism 8
fits 'a pepper' 'U*' "\$2a\$05\$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a" 'the pepper behind' --pepper 'U*U'

# Wrong ways that must stay wrong.
printf 'correct horse battery staple' >right
feeds "$better:728f0dcd55b2fd21${better_key#????????????????}" password check --password @right
[ "$code" -eq 1 ]
verdict "a key that was made with the decoded salt does not fit as the text of it"
printf '\xff\xff\xa3' >right
feeds "\$2a\$05\$/OK.fbVrR/bpIqNJ5ianF.nqd1wy.pTMdcvrRWxyiGL2eMz.2a85." password check --password @right
[ "$code" -eq 1 ]
verdict "the guarded result of 2a is not taken for the plain one (B-7)"

# identify.
feeds "\$2y\$12\$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW" password identify
[ "$code" -eq 0 ] && grep -q '^scheme  *bcrypt$' out && grep -q 'target workos  *takes it written in its own form' out && ! grep -q R9h out
verdict "identify says scheme and targets, and does not repeat the hash"
feeds "\$argon2id\$v=19\$m=1048576,t=2,p=1\$c29tZXNhbHQ\$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc" password identify --json
[ "$code" -eq 0 ] && jq -e '.scheme == "argon2id" and .isCheckable == false and (.beyondBounds | test("256 MiB")) and
	(.targets[] | select(.provider == "workos") | .takes == false and .finding == "RH0304")' out >/dev/null
verdict "identify --json says which bounds are exceeded, and who does not take it"
feeds "\$firebase-scrypt\$v=1\$r=8,m=14,ss=Bw,sk=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw\$c2FsdHNhbHQ\$Y1FULYEag1Kxy4Xo8dySwZm9SSyOwNsSSgADe5x/0pEZ2Ygabx632pj+I/BWRf/VFK+0ti8zu5tOKtm9MzCCRw" password identify --json
jq -e '.targets[] | select(.provider == "workos") | .takes and .asItIs and .finding == "RH0307"' out >/dev/null
verdict "a form that no document settles is told as RH0307"
for unknown in 'correct horse' 5f4dcc3b5aa765d61d8327deb882cf99 'fakeHash:salt=a:password=b' "\$2b\$10\$short" UkVEQUNURUQ= "\$2b\$32\$abcdefghijklmnopqrstuu23JPZtHcGhwXSF41f93o/7vBdDut3Xu"; do
	feeds "$unknown" password identify
	[ "$code" -eq 1 ] && ! grep -qF -- "$unknown" out err
	verdict "identify: $unknown is not recognised, and nothing is guessed"
done

# convert.
feeds "scrypt:16384:16:1\$$better\$$better_key" password convert --to colon-scrypt
[ "$code" -eq 0 ] && [ "$(cat out)" = "$better:$better_key" ]
verdict "convert writes the same hash in another form"
feeds "\$2y\$12\$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW" password convert --to workos
[ "$code" -eq 0 ] && jq -e '.password_hash_type == "bcrypt" and (.password_hash | startswith("$2b$12$"))' out >/dev/null
verdict "convert writes the members of a target's request"
feeds "\$fbscrypt\$v=1,n=14,r=8,p=1,ss=Bw==,sk=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw==\$c2FsdHNhbHQ=\$Y1FULYEag1Kxy4Xo8dySwZm9SSyOwNsSSgADe5x/0pEZ2Ygabx632pj+I/BWRf/VFK+0ti8zu5tOKtm9MzCCRw==" password convert --to workos --workos-firebase-form B
[ "$code" -eq 0 ] && jq -r .password_hash out | grep -q "^\\\$firebase-scrypt\\\$hash=" && grep -q RH0307 err
verdict "options of a provider choose its form"
feeds 'md5$seasalt$3f86d0d3d465b7b458c231bf3555c0e3' password convert --to workos
[ "$code" -eq 1 ] && [ ! -s out ] && grep -q RH0303 err
verdict "what a target does not take is not written"

# A tired person.
refuses 'no action is given' password
refuses 'there is no such action' password identfy
refuses '--to FORM is missing' password convert
feeds "\$2y\$12\$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW" password convert --to nowhere
[ "$code" -eq 2 ] && grep -q 'hint: canonical, django' err
verdict "an unknown form lists those there are"
refuses 'no password is given' password check --hash x
refuses 'there is no scheme "md6"' password check --hash x --scheme md6
run password identify "\$2y\$12\$abc" one-too-many-secret
[ "$code" -eq 2 ] && ! grep -q secret err
verdict "a word too many is not repeated"
feeds "\$2b\$31\$abcdefghijklmnopqrstuu23JPZtHcGhwXSF41f93o/7vBdDut3Xu" password check --password x
[ "$code" -eq 2 ] && grep -q "bcrypt's cost is above 16" err
verdict "what costs too much is not computed, and that is said"

# What neither can say more of is sent from one to the other by neither.
for opaque in 'vendor#eu-1_pool#client#ada' '{"key_id":"k","alg":"a","data":"AAAA","nonce":"AAAA"}' 'what-is-this?'; do
	feeds "$opaque" password check --password x
	[ "$code" -eq 2 ] && grep -q '^hint: ' err && ! grep -q 'password identify' err
	verdict "check: no way back to identify ($(grep -o 'cannot be checked here: [a-z ]*' err))"
	feeds "$opaque" password identify
	! grep -q 'password check' out err
	verdict "identify: nor to check"
done
feeds 'vendor#eu-1_pool#client#ada' password identify
has "identify: a reference into a pool is told as that" "a reference into another vendor's user pool"

# A hash in a word is gone from the list of processes while the tool waits.
mkfifo pipe
"$REHOME" password check secret-looking-hash --password - <pipe >out 2>err &
pid=$!
exec 9>pipe
for _ in $(seq 100); do
	tr '\0' ' ' <"/proc/$pid/cmdline" >cmdline 2>/dev/null
	grep -q 'password check' cmdline && ! grep -q secret-looking cmdline && break
	sleep 0.05
done
! grep -q secret-looking cmdline && grep -q 'password check' cmdline
verdict "a hash in a word is wiped from the list of processes"
exec 9>&-
wait "$pid"

echo "1..$count"
