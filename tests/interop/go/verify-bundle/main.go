// Command verify-bundle asks sigstore-go whether a bundle holds for a file. It opens no connection.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/sigstore/sigstore-go/pkg/bundle"
	"github.com/sigstore/sigstore-go/pkg/root"
	"github.com/sigstore/sigstore-go/pkg/verify"

	"touchplate.example/interop/version"
)

func main() {
	trustedRoot := flag.String("trusted-root", "", "Sigstore's trusted_root.json")
	identity := flag.String("identity", "", "the SAN that is expected")
	issuer := flag.String("issuer", "", "the issuer that is expected")
	path := flag.String("bundle", "", "the bundle")
	asked := flag.Bool("version", false, "tell the version of sigstore-go and stop")
	flag.Parse()
	if *asked {
		fmt.Println(version.Of("github.com/sigstore/sigstore-go"))
		return
	}
	if err := run(os.Stdout, *trustedRoot, *identity, *issuer, *path, flag.Arg(0)); err != nil {
		fmt.Fprintln(os.Stderr, "refused:", err)
		os.Exit(1)
	}
}

func run(out io.Writer, trustedRoot, identity, issuer, path, artifact string) error {
	trusted, err := root.NewTrustedRootFromPath(trustedRoot)
	if err != nil {
		return err
	}
	signed, err := bundle.LoadJSONFromPath(path)
	if err != nil {
		return err
	}
	file, err := os.Open(artifact)
	if err != nil {
		return err
	}
	defer file.Close()
	verifier, err := verify.NewVerifier(trusted, verify.WithSignedCertificateTimestamps(1),
		verify.WithTransparencyLog(1), verify.WithSignedTimestamps(1))
	if err != nil {
		return err
	}
	expected, err := verify.NewShortCertificateIdentity(issuer, "", identity, "")
	if err != nil {
		return err
	}
	result, err := verifier.Verify(signed,
		verify.NewPolicy(verify.WithArtifact(file), verify.WithCertificateIdentity(expected)))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, "accepted:", result.Signature.Certificate.SubjectAlternativeName,
		result.VerifiedTimestamps[0].Timestamp.UTC().Format(time.RFC3339))
	return err
}
