@echo off
kubectl-pvsnap.exe __complete %*
