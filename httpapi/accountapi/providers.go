package accountapi

import "github.com/google/uuid"

// providers are what people call the makers of passkeys that many of them use,
// by AAGUID (Web Authentication Level 3, 6.5.1). The names are those of the
// list that passkeydeveloper keeps, as of the package aaguids 0.0.44.
var providers = map[uuid.UUID]string{
	uuid.MustParse("08987058-cadc-4b81-b6e1-30de50dcbe96"): "Windows Hello",
	uuid.MustParse("9ddd1817-af5a-4672-a2b9-3e3dd95000a9"): "Windows Hello",
	uuid.MustParse("6028b017-b1d4-4c02-b4b3-afcdafc96bb2"): "Windows Hello",
	uuid.MustParse("d3452668-01fd-4c12-926c-83a4204853aa"): "Microsoft Password Manager",
	uuid.MustParse("ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4"): "Google Password Manager",
	uuid.MustParse("adce0002-35bc-c60a-648b-0b25f1f05503"): "Chrome on Mac",
	uuid.MustParse("771b48fd-d3d4-4f74-9232-fc157ab0507a"): "Edge on Mac",
	uuid.MustParse("fbfc3007-154e-4ecc-8c0b-6e020557d7bd"): "Apple Passwords",
	uuid.MustParse("dd4ec289-e01d-41c9-bb89-70fa845d4bf2"): "iCloud Keychain (managed)",
	uuid.MustParse("53414d53-554e-4700-0000-000000000000"): "Samsung Pass",
	uuid.MustParse("bada5566-a7aa-401f-bd96-45619a55120d"): "1Password",
	uuid.MustParse("d548826e-79b4-db40-a3d8-11116f7e8349"): "Bitwarden",
	uuid.MustParse("531126d6-e717-415c-9320-3d9aa6981239"): "Dashlane",
	uuid.MustParse("f3809540-7f14-49c1-a8b3-8f813b225541"): "Enpass",
	uuid.MustParse("fdb141b2-5d84-443e-8a35-4698c205a502"): "KeePassXC",
	uuid.MustParse("0ea242b4-43c4-4a1b-8b17-dd6d0b6baec6"): "Keeper",
	uuid.MustParse("b78a0a55-6ef8-d246-a042-ba0f6d55050c"): "LastPass",
	uuid.MustParse("b84e4048-15dc-4dd0-8640-f4f60813c8af"): "NordPass",
	uuid.MustParse("50726f74-6f6e-5061-7373-50726f746f6e"): "Proton Pass",
}

// provider is the name that belongs to an AAGUID, "" for all others: few say
// theirs, and nothing vouches for what they say.
func provider(aaguid []byte) string {
	id, err := uuid.FromBytes(aaguid)
	if err != nil {
		return ""
	}
	return providers[id]
}
