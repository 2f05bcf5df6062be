package image

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/mmlite/mmlite/firmware/com"
)

const (
	keySize       = ed25519.PublicKeySize
	signatureSize = keySize + ed25519.SignatureSize
)

// Signature is whose an image is.
type Signature struct {
	Key ed25519.PublicKey
	Sum []byte // ed25519 of the manifest
}

// Sign signs an image.
func (i *Image) Sign(key ed25519.PrivateKey) error {
	m, err := i.bytes()
	if err != nil {
		return err
	}
	i.Signature = &Signature{key.Public().(ed25519.PublicKey), ed25519.Sign(key, m)}
	return nil
}

// Verify returns com.ErrCorrupt if the image bears a signature that is not its key's.
// With trusted it has to be that key's, or com.ErrPermission comes back.
func (i *Image) Verify(trusted ed25519.PublicKey) error {
	if i.Signature == nil {
		if trusted != nil {
			return com.Errorf(com.ErrPermission, "nobody has signed this image: sign it with mmlite image sign")
		}
		return nil
	}
	m, err := i.bytes()
	if err != nil {
		return err
	}
	if !ed25519.Verify(i.Signature.Key, m, i.Signature.Sum) {
		return com.Errorf(com.ErrCorrupt, "the signature is not that of this image: it was changed after it was signed")
	}
	if trusted != nil && !bytes.Equal(trusted, i.Signature.Key) {
		return com.Errorf(com.ErrPermission, "this image is signed with key %s, not with %s", KeyText(i.Signature.Key), KeyText(trusted))
	}
	return nil
}

// KeyText is how people write a public key down.
func KeyText(k ed25519.PublicKey) string { return base64.StdEncoding.EncodeToString(k) }

// ParseKey reads what KeyText wrote.
func ParseKey(s string) (ed25519.PublicKey, error) {
	b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(s))
	if err != nil || len(b) != keySize {
		return nil, com.Errorf(com.ErrInvalid, "%.80q is no public key: want 44 characters of base64", s)
	}
	return b, nil
}

// keyHead is the first line of the file of a private key.
const keyHead = "mmlite signing key, keep it to yourself"

// NewKeyFile makes a key and the file of it, which only its owner may read. The error
// is com.ErrExists if there is a file of that name.
func NewKeyFile(path string) (ed25519.PrivateKey, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		if os.IsExist(err) {
			return nil, com.Errorf(com.ErrExists, "%s is there already", path)
		}
		return nil, err
	}
	_, err = io.WriteString(f, keyHead+"\n"+base64.StdEncoding.EncodeToString(key.Seed())+"\n")
	if e := f.Close(); err == nil {
		err = e
	}
	return key, err
}

// ReadKeyFile reads the file that NewKeyFile made. Errors are com.ErrNotFound,
// com.ErrPermission if others may read it, com.ErrCorrupt.
func ReadKeyFile(path string) (ed25519.PrivateKey, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, com.Errorf(com.CodeOf(err), "the signing key: %v", err)
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && filepath.Separator == '/' && info.Mode().Perm()&0o077 != 0 {
		return nil, com.Errorf(com.ErrPermission, "others may read the signing key %s: chmod 600 it", path)
	}
	b, err := io.ReadAll(io.LimitReader(f, 1024))
	if err != nil {
		return nil, err
	}
	head, rest, _ := strings.Cut(string(b), "\n")
	seed, err := base64.StdEncoding.DecodeString(strings.TrimSpace(rest))
	if head != keyHead || err != nil || len(seed) != ed25519.SeedSize {
		return nil, com.Errorf(com.ErrCorrupt, "%s is no signing key", path)
	}
	return ed25519.NewKeyFromSeed(seed), nil
}
