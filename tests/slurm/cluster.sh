#!/usr/bin/env bash
# A Slurm of one node on this machine, until the standard input ends:
#
#   tests/slurm/cluster.sh FOLDER [PORT PORT]
#
# Everything it has is in FOLDER (an absolute path, not too long for a socket); nothing under /etc is read.
# `ready` on the standard output means that jobs are taken with SLURM_CONF=FOLDER/slurm.conf. From Debian:
# apt-get install slurm-wlm munge.
set -euo pipefail
PATH=$PATH:/usr/sbin
folder=$1 controller=${2:-16817} node=${3:-16818}
host=$(hostname -s)
user=$(id -un)
mkdir -p "$folder"/{state,spool,munge}
chmod 700 "$folder/munge"

head -c 128 /dev/urandom >"$folder/munge/key"
chmod 600 "$folder/munge/key"

# config_overrides: the node has as many processors as parts are to run at once, whatever the machine has.
cat >"$folder/slurm.conf" <<END
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$controller
SlurmdPort=$node
SlurmUser=$user
SlurmdUser=$user
AuthType=auth/munge
AuthInfo=socket=$folder/munge/socket
CryptoType=crypto/munge
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
ReturnToService=2
SlurmdParameters=config_overrides
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
KillWait=5
MinJobAge=300
NodeName=$host NodeAddr=127.0.0.1 CPUs=4 RealMemory=1 State=UNKNOWN
PartitionName=all Nodes=$host Default=YES MaxTime=INFINITE State=UP
END
export SLURM_CONF=$folder/slurm.conf

daemons=()
stop() {
    scancel --user="$user" 2>/dev/null || true
    kill "${daemons[@]}" 2>/dev/null || true
    wait
}
trap stop EXIT
trap 'exit 1' TERM INT

munged --foreground --force --num-threads=2 --key-file="$folder/munge/key" \
    --socket="$folder/munge/socket" --pid-file="$folder/munge/pid" \
    --seed-file="$folder/munge/seed" --log-file="$folder/munge/log" </dev/null >"$folder/munged.out" 2>&1 &
daemons+=($!)
slurmctld -D -c -f "$SLURM_CONF" </dev/null >"$folder/slurmctld.out" 2>&1 &
daemons+=($!)
slurmd -D -c -f "$SLURM_CONF" </dev/null >"$folder/slurmd.out" 2>&1 &
daemons+=($!)

for _ in $(seq 300); do
    if [ "$(sinfo --noheader --format=%t 2>/dev/null)" = idle ]; then
        echo ready
        cat >/dev/null
        exit 0
    fi
    sleep 0.1
done
echo "no Slurm after 30 s:" >&2
tail -n 20 "$folder"/*.out "$folder"/*.log >&2
exit 1
