// Command hold-key is an ssh-agent that holds one Ed25519 key, for litewitness.
//
//	hold-key SOCKET SEED-IN-HEX
//
// It prints the fingerprint of the key when it listens, and runs until it is killed.
package main

import (
	"crypto/ed25519"
	"encoding/hex"
	"fmt"
	"net"
	"os"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "refused:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("usage: hold-key SOCKET SEED-IN-HEX")
	}
	seed, err := hex.DecodeString(args[1])
	if err != nil || len(seed) != ed25519.SeedSize {
		return fmt.Errorf("not a seed of %d bytes in hex", ed25519.SeedSize)
	}
	key := ed25519.NewKeyFromSeed(seed)
	public, err := ssh.NewPublicKey(key.Public())
	if err != nil {
		return err
	}
	keys := agent.NewKeyring()
	if err := keys.Add(agent.AddedKey{PrivateKey: key}); err != nil {
		return err
	}
	listener, err := net.Listen("unix", args[0])
	if err != nil {
		return err
	}
	fmt.Println(ssh.FingerprintSHA256(public))
	for {
		connection, err := listener.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer connection.Close()
			_ = agent.ServeAgent(keys, connection) // ends when the client goes away
		}()
	}
}
