module github.com/mmlite/mmlite/tools/internal/flash/mounted

go 1.26.0

require (
	github.com/diskfs/go-diskfs v1.6.0
	github.com/mmlite/mmlite v0.0.0
)

require (
	github.com/djherbis/times v1.6.0 // indirect
	github.com/elliotwutingfeng/asciiset v0.0.0-20230602022725-51bbb787efab // indirect
	github.com/google/uuid v1.3.0 // indirect
	github.com/klauspost/compress v1.17.4 // indirect
	github.com/pierrec/lz4/v4 v4.1.17 // indirect
	github.com/pkg/xattr v0.4.9 // indirect
	github.com/sirupsen/logrus v1.9.4-0.20230606125235-dd1b4c2e81af // indirect
	github.com/ulikunitz/xz v0.5.11 // indirect
	golang.org/x/image v0.32.0 // indirect
	golang.org/x/sys v0.37.0 // indirect
)

replace github.com/mmlite/mmlite => ../../../..
