// RocksDB's files with the faults that a test asks for; without any, RocksDB's own.
#pragma once

#include <memory>

#include "store/disk.h"

namespace rocksdb {
class FileSystem;
}

namespace cityloop::store {

std::shared_ptr<rocksdb::FileSystem> failing_files(const DiskFaults&);

}  // namespace cityloop::store
